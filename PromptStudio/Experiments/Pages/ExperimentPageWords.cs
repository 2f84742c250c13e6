namespace PromptStudio.Experiments.Pages;

/// <summary>The texts of the experiments' pages; its translations are <c>ExperimentPageWords.de.resx</c>.</summary>
public sealed class ExperimentPageWords;
