namespace PromptStudio.Executions;

/// <summary>The texts of the executions' pages; its translations are <c>ExecutionWords.de.resx</c>.</summary>
public sealed class ExecutionWords;
