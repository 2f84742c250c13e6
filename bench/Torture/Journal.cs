using System.Collections.Concurrent;
using System.Diagnostics;

namespace PromptStudio.Bench.Torture;

/// <summary>A request that was answered, as its caller has seen it.</summary>
/// <param name="Request">The caller's id of it.</param>
/// <param name="Execution">What the studio called it.</param>
/// <param name="Prompt">Which prompt.</param>
/// <param name="Version">Which version of it the answer said.</param>
/// <param name="Sent">When it was sent the first time.</param>
/// <param name="Answered">When it was answered.</param>
internal sealed record Acknowledged(Guid Request, Guid Execution, string Prompt, int Version, long Sent, long Answered)
{
    /// <summary>Whether its outcome was acknowledged too.</summary>
    public bool HasOutcome { get; set; }
}

/// <summary>What callers have seen, and which versions were active when, as those who changed it have seen it.</summary>
internal sealed class Journal
{
    private readonly ConcurrentDictionary<string, List<Active>> _active = new(StringComparer.Ordinal);

    public ConcurrentQueue<Acknowledged> Answers { get; } = new();

    /// <summary>Each attempt: when it was sent, when it ended, and whether it was answered with a prompt.</summary>
    public ConcurrentQueue<(long Sent, long Ended, bool IsGood)> Attempts { get; } = new();

    /// <summary>Somebody made a version the active one, or tried to.</summary>
    /// <param name="prompt">Of which prompt.</param>
    /// <param name="version">Which one.</param>
    /// <param name="sent">From here on it may be active.</param>
    /// <param name="ended">From here on nothing else is, if it was acknowledged.</param>
    /// <param name="isAcknowledged">Whether it was.</param>
    public void Activated(string prompt, int version, long sent, long ended, bool isAcknowledged)
    {
        var list = _active.GetOrAdd(prompt, _ => []);
        lock (list)
        {
            if (isAcknowledged)
            {
                foreach (var other in list.Where(other => other.Version != version && other.Until == long.MaxValue))
                    other.Until = ended;
            }
            list.Add(new Active(version, sent));
        }
    }

    /// <summary>Whether an answer's version was the active one at some instant of its request.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="lag">How much later another node may know of a change.</param>
    public bool IsOfItsTime(Acknowledged answer, TimeSpan lag)
    {
        if (!_active.TryGetValue(answer.Prompt, out var list))
            return true;
        var late = (long)(lag.TotalSeconds * Stopwatch.Frequency);
        lock (list)
        {
            return list.Exists(active => active.Version == answer.Version && active.Since <= answer.Answered && (active.Until == long.MaxValue || active.Until + late >= answer.Sent));
        }
    }

    private sealed class Active(int version, long since)
    {
        public int Version => version;

        public long Since => since;

        public long Until { get; set; } = long.MaxValue;
    }
}
