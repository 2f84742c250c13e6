namespace PromptStudio.Prompts;

/// <summary>The texts of the prompts' pages; its translations are <c>PromptWords.de.resx</c>.</summary>
public sealed class PromptWords;
