using Hangfire;
using PromptStudio.Core.Access;

namespace PromptStudio.Audit;

/// <summary>Checks the whole audit log every hour. The hash that it logs is an anchor outside of the database.</summary>
public sealed partial class AuditCheckJob(AuditStore audit, ILogger<AuditCheckJob> logger)
{
    /// <summary>The job's name, and the actor's.</summary>
    public const string Name = "verify-audit";

    /// <summary>Runs it once. Not again when it fails: the next hour is soon.</summary>
    [AutomaticRetry(Attempts = 0)]
    [DisableConcurrentExecution(timeoutInSeconds: 60)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var answer = await audit.VerifyAsync(Actor.System(Name), anchor: null, cancellationToken);
        var verification = answer.Value ?? throw new InvalidOperationException(answer.Problem!.Detail);
        if (verification.Break is { } found)
            Log.Broken(logger, found.Sequence, AuditStore.Name(found.Fault), found.Reason);
        Log.Checked(logger, verification.Check.Entries, Convert.ToHexStringLower(verification.Check.HeadHash));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The audit log was tampered with: entry {Sequence} is the first that does not hold ({Fault}). {Reason}")]
        public static partial void Broken(ILogger logger, long sequence, string fault, string reason);

        [LoggerMessage(2, LogLevel.Information, "The audit log holds up to entry {Sequence}, whose hash is {Hash}")]
        public static partial void Checked(ILogger logger, long sequence, string hash);
    }
}
