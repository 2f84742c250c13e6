using System.Text.Json.Serialization;
using PromptStudio.Web;

namespace PromptStudio.Audit;

/// <summary>An entry of the audit log, as the API tells it.</summary>
public sealed record AuditEntryAnswer
{
    public required long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string ActorKind { get; init; }
    public string? ActorId { get; init; }
    public required string ActorName { get; init; }
    public string? Address { get; init; }
    public string? RequestId { get; init; }
    public required string Action { get; init; }
    public required string SubjectKind { get; init; }
    public string? SubjectId { get; init; }

    [JsonConverter(typeof(RawJsonText))]
    public string? Before { get; init; }

    [JsonConverter(typeof(RawJsonText))]
    public string? After { get; init; }

    /// <summary>Of the entry before it, SHA-256 in hexadecimal.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>SHA-256 in hexadecimal, over what the entry says and the hash before it.</summary>
    public required string Hash { get; init; }

    public static AuditEntryAnswer Of(AuditEntry entry) => new()
    {
        Sequence = entry.Sequence,
        At = entry.At,
        ActorKind = entry.ActorKind,
        ActorId = entry.ActorId,
        ActorName = entry.ActorName,
        Address = entry.Address,
        RequestId = entry.RequestId,
        Action = entry.Action,
        SubjectKind = entry.SubjectKind,
        SubjectId = entry.SubjectId,
        Before = entry.Before,
        After = entry.After,
        PreviousHash = Convert.ToHexStringLower(entry.PreviousHash),
        Hash = Convert.ToHexStringLower(entry.Hash),
    };

    internal static AuditEntryAnswer Example { get; } = new()
    {
        Sequence = 1042,
        At = new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero),
        ActorKind = "user",
        ActorId = "01a2008d-7400-7000-8000-0000000000aa",
        ActorName = "ada@example.com",
        Address = "192.0.2.7",
        RequestId = "5014be3626690922137713ccf6fada37",
        Action = AuditAction.VersionActivated,
        SubjectKind = "prompt",
        SubjectId = "nlu_topic_extraction",
        Before = """{"active_version":1}""",
        After = """{"active_version":2}""",
        PreviousHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        Hash = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    };
}

/// <summary>What a check of the whole chain found.</summary>
/// <param name="Holds">Whether every entry is as it was written.</param>
/// <param name="CheckedAt">When.</param>
/// <param name="Entries">Entries that hold, from the first one on.</param>
/// <param name="HeadHash">The hash of the last of them. Note it down outside of the studio, and later ask for it as an anchor.</param>
/// <param name="FirstBroken">The first entry that is wrong; null: none.</param>
public sealed record AuditVerificationAnswer(bool Holds, DateTimeOffset CheckedAt, long Entries, string HeadHash, BrokenEntryAnswer? FirstBroken)
{
    public static AuditVerificationAnswer Of(AuditVerification verification) => new(
        verification.Break is null,
        verification.Check.At,
        verification.Check.Entries,
        Convert.ToHexStringLower(verification.Check.HeadHash),
        verification.Break is { } found ? new BrokenEntryAnswer(found.Sequence, AuditStore.Name(found.Fault), found.Reason) : null);

    internal static AuditVerificationAnswer Example { get; } = new(
        false, AuditEntryAnswer.Example.At.AddHours(1), 1041, AuditEntryAnswer.Example.PreviousHash,
        new BrokenEntryAnswer(1042, "changed", "Its hash does not fit what it says."));
}

/// <summary>The first place where the chain does not hold.</summary>
/// <param name="Sequence">The entry.</param>
/// <param name="Fault"><c>changed</c>, <c>missing</c>, <c>inserted</c>, or <c>cut_off</c>: it and all later ones are gone.</param>
/// <param name="Reason">The evidence, in words.</param>
public sealed record BrokenEntryAnswer(long Sequence, string Fault, string Reason);
