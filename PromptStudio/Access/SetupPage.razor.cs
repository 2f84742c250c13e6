using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Access;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>The first run: the first person, signed in at once, and the first API key, shown once.</summary>
public sealed partial class SetupPage
{
    /// <summary>The name of the first API key.</summary>
    public const string FirstKey = "First key";

    private IReadOnlyList<string> _errors = [];
    private string? _key;
    private bool _signedInWithoutKey;

    [Inject]
    public required Bootstrap Bootstrap { get; init; }

    [Inject]
    public required SignIns SignIns { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    [SupplyParameterFromQuery]
    public string? Token { get; set; }

    [SupplyParameterFromForm]
    public SetupInput? Input { get; set; }

    protected override void OnInitialized()
    {
        Input ??= new SetupInput();
        // The token in the address is nobody else's business. The antiforgery token keeps the page out of caches.
        Request.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (!Bootstrap.IsOpen)
            Navigation.NavigateTo(Links.SignIn());
    }

    private async Task SetUpAsync()
    {
        if (!Bootstrap.Accepts(Token))
            return;
        var email = Input!.Email.Trim();
        _errors = Input.Problems();
        if (_errors.Count > 0)
            return;
        if (await Bootstrap.CreateFirstUserAsync(email, Input.Password, Request.Actor(), Request.RequestAborted) is not { } errors)
        {
            Navigation.NavigateTo(Links.SignIn());
            return;
        }
        _errors = errors;
        if (errors.Count > 0)
            return;
        var user = await SignIns.AfterSetUpAsync(email, Request.Actor(), Request.RequestAborted);
        var key = ApiKey.New();
        if (await Bootstrap.CreateFirstKeyAsync(FirstKey, key, [ApiScope.Render], user, Request.RequestAborted))
            _key = key;
        else
            _signedInWithoutKey = true;
    }

    /// <summary>A call that works as it stands.</summary>
    private string Curl(string key) =>
        $$$"""
        curl {{{Navigation.BaseUri.TrimEnd('/')}}}{{{Links.Render("nlu_topic_extraction")}}} \
          -H "Authorization: Bearer {{{key}}}" \
          -H "Content-Type: application/json" \
          -d '{"variables": {"query": "Why is the sky blue?", "grade_level": "6"}}'
        """.ReplaceLineEndings("\n");
}

/// <summary>The form of the set-up.</summary>
public sealed class SetupInput
{
    public string Email { get; set; } = "";
    public string Password { get; set; } = "";
    public string Repeat { get; set; } = "";

    /// <summary>What is wrong with it, in words for people.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!EmailAddress.IsValid(Email.Trim()))
            problems.Add(EmailAddress.Rule);
        problems.AddRange(PasswordRule.Problems(Password, Email.Trim()));
        if (Password != Repeat)
            problems.Add("The two passwords are not the same. Type both again.");
        return problems;
    }
}
