using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments;

/// <summary>What is known of a group.</summary>
/// <param name="Group"><c>control</c>, <c>variant_a</c>, …</param>
/// <param name="BasisPoints">The share of users that it should have, of 10,000.</param>
/// <param name="Users">Users that it has, by their first execution; who was seen in two groups is in none.</param>
/// <param name="Executions">Their executions.</param>
/// <param name="Outcomes">Those of them with a reported outcome.</param>
/// <param name="Metrics">
/// By name of the metric; a metric that nothing was reported for may be absent. Each user has a value (e.g. successes) as the first figure, and a weight (e.g. executions; 1
/// where the metric is about users) as the second.
/// </param>
public sealed record GroupSums(string Group, int BasisPoints, long Users, long Executions, long Outcomes, IReadOnlyDictionary<string, Moments> Metrics);

/// <summary>What is known of a phase of an experiment: all that its analysis looks at, beside the settings.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Groups">The control first.</param>
/// <param name="Crossovers">Users who were seen in two groups: they are excluded.</param>
/// <param name="WithoutUser">Executions without a user: they are excluded.</param>
public sealed record ExperimentSums(int Phase, IReadOnlyList<GroupSums> Groups, long Crossovers, long WithoutUser);
