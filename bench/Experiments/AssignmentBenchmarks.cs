using System.Globalization;
using BenchmarkDotNet.Attributes;
using PromptStudio.Core.Experiments;

namespace PromptStudio.Bench.Experiments;

/// <summary><c>./studio bench Assignment</c>: what it takes to say which group a user is in.</summary>
[MemoryDiagnoser]
public class AssignmentBenchmarks
{
    private static readonly string[] Users = [.. Enumerable.Range(0, 1024).Select(user => string.Create(CultureInfo.InvariantCulture, $"{user:x8}-1c2d-4e3f-8a9b-0123456789ab"))];

    private readonly RunningExperiment _experiment = new()
    {
        Id = Guid.Empty,
        PromptName = "p",
        Phase = 1,
        Coverage = Bucket.Count,
        InclusionSalt = "0123456789abcdef0123456789abcdef",
        SplitSalt = "fedcba9876543210fedcba9876543210",
        Groups = RunningExperiment.Lay(Allocation.Equal(4), [.. Enumerable.Range(1, 4).Select(version => (Guid.Empty, version))]),
    };

    private int _next;

    [Benchmark]
    public Assignment? AUser() => _experiment.Assign(Users[_next++ & 1023], 0);

    [Benchmark]
    public Assignment? NobodyInParticular() => _experiment.Assign(null, 123_456_789);
}
