namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Kinds of personal data that can be told by their form; names of people cannot.</summary>
internal enum PiiKind
{
    CreditCard,
    Iban,
    Crypto,
    Email,
    Phone,
    IpAddress,
    MacAddress,
    Url,
    UsSsn,
    UsItin,
    UsPassport,
    UsDriverLicense,
    UsBankNumber,
    UsMbi,
    UsNpi,
    AbaRoutingNumber,
    MedicalLicense,
    UkNhs,
    UkNino,
    UkPassport,
    CaSin,
    AuTfn,
    DeTaxId,
    EsNif,
    ItFiscalCode,
    PlPesel,
    InAadhaar,
    InPan,
    SgNricFin,
}

/// <summary>A kind of personal data as configs and hits name it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">Its name in a config and in hits.</param>
/// <param name="Message">What is said of a hit.</param>
/// <param name="Context">Words before a number that make it likelier; of four letters and more they may be part of a longer word.</param>
internal sealed record PiiEntity(PiiKind Kind, string Name, string Message, string[] Context)
{
    /// <summary>Every kind, in the order of <see cref="PiiKind"/>.</summary>
    public static IReadOnlyList<PiiEntity> All { get; } =
    [
        new(PiiKind.CreditCard, "CREDIT_CARD", "A payment card number.", ["card", "credit", "debit", "visa", "mastercard", "amex", "discover", "jcb", "diners", "maestro", "cc", "pan", "karte", "carte", "tarjeta"]),
        new(PiiKind.Iban, "IBAN_CODE", "A bank account number (IBAN).", ["iban", "bank", "account", "konto"]),
        new(PiiKind.Crypto, "CRYPTO", "The address of a crypto wallet.", ["wallet", "bitcoin", "btc", "crypto", "ethereum", "eth", "litecoin"]),
        new(PiiKind.Email, "EMAIL_ADDRESS", "An e-mail address.", ["mail", "email"]),
        new(PiiKind.Phone, "PHONE_NUMBER", "A phone number.", ["phone", "telephone", "tel", "cell", "mobile", "call", "fax", "whatsapp", "telefon", "handy", "mobil"]),
        new(PiiKind.IpAddress, "IP_ADDRESS", "An IP address.", ["ip", "ipv4", "ipv6", "host", "server", "gateway", "subnet"]),
        new(PiiKind.MacAddress, "MAC_ADDRESS", "A network card's address (MAC).", ["mac", "ethernet", "hardware"]),
        new(PiiKind.Url, "URL", "A web address.", ["url", "website", "link"]),
        new(PiiKind.UsSsn, "US_SSN", "A US social security number.", ["social", "security", "ssn", "ssns", "ssid"]),
        new(PiiKind.UsItin, "US_ITIN", "A US taxpayer number (ITIN).", ["itin", "taxpayer", "tax", "individual"]),
        new(PiiKind.UsPassport, "US_PASSPORT", "A US passport number.", ["passport", "travel"]),
        new(PiiKind.UsDriverLicense, "US_DRIVER_LICENSE", "A US driver's licence number.", ["driver", "license", "licence", "permit", "dl", "dls", "cdl"]),
        new(PiiKind.UsBankNumber, "US_BANK_NUMBER", "A US bank account number.", ["bank", "account", "acct", "checking", "savings", "debit"]),
        new(PiiKind.UsMbi, "US_MBI", "A US Medicare number (MBI).", ["medicare", "mbi", "beneficiary"]),
        new(PiiKind.UsNpi, "US_NPI", "A US health provider's number (NPI).", ["npi", "provider", "physician", "prescriber"]),
        new(PiiKind.AbaRoutingNumber, "ABA_ROUTING_NUMBER", "A US bank's routing number.", ["aba", "routing", "transit", "bank", "rtn"]),
        new(PiiKind.MedicalLicense, "MEDICAL_LICENSE", "A US medical licence (DEA number).", ["medical", "certificate", "dea", "prescri"]),
        new(PiiKind.UkNhs, "UK_NHS", "A UK health service number.", ["nhs", "health", "patient"]),
        new(PiiKind.UkNino, "UK_NINO", "A UK national insurance number.", ["national", "insurance", "nino", "ni"]),
        new(PiiKind.UkPassport, "UK_PASSPORT", "A UK passport number.", ["passport", "travel"]),
        new(PiiKind.CaSin, "CA_SIN", "A Canadian social insurance number.", ["sin", "social", "insurance", "nas", "canad"]),
        new(PiiKind.AuTfn, "AU_TFN", "An Australian tax file number.", ["tfn", "tax", "file"]),
        new(PiiKind.DeTaxId, "DE_TAX_ID", "A German tax number.", ["steuer", "idnr", "identifikationsnummer", "tax"]),
        new(PiiKind.EsNif, "ES_NIF", "A Spanish tax number (NIF).", ["nif", "dni", "documento", "identific"]),
        new(PiiKind.ItFiscalCode, "IT_FISCAL_CODE", "An Italian fiscal code.", ["fiscal", "codice"]),
        new(PiiKind.PlPesel, "PL_PESEL", "A Polish PESEL number.", ["pesel"]),
        new(PiiKind.InAadhaar, "IN_AADHAAR", "An Indian Aadhaar number.", ["aadhaar", "aadhar", "uidai"]),
        new(PiiKind.InPan, "IN_PAN", "An Indian tax number (PAN).", ["pan", "permanent", "income", "tax"]),
        new(PiiKind.SgNricFin, "SG_NRIC_FIN", "A Singaporean identity number.", ["nric", "fin", "singapore", "identi"]),
    ];
}

/// <summary>Something that may be personal data.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Start">Where it begins in the text looked at.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Score">How likely: 0 to 1.</param>
/// <param name="HasContext">Whether a word before it says what it is.</param>
internal readonly record struct PiiCandidate(PiiKind Kind, int Start, int End, double Score, bool HasContext)
{
    /// <summary>Adds to a score what the words before say; null: it is too little even so.</summary>
    public static PiiCandidate? Weigh(ReadOnlySpan<char> text, PiiKind kind, int start, int end, double score, double least)
    {
        var most = Math.Min(1, Math.Max(score + Context.Bonus, Context.Floor));
        return most < least ? null
            : Context.Has(text, start, PiiEntity.All[(int)kind].Context) ? new PiiCandidate(kind, start, end, most, true)
            : score >= least ? new PiiCandidate(kind, start, end, score, false) : null;
    }
}
