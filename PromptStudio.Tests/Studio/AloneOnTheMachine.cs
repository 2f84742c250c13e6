namespace PromptStudio.Tests.Studio;

/// <summary>Tests that watch time or memory run after all others, one at a time.</summary>
[CollectionDefinition(nameof(AloneOnTheMachine), DisableParallelization = true)]
public sealed class AloneOnTheMachine;
