namespace PromptStudio.Shell;

/// <summary>The texts of the frame; its translations are <c>ShellWords.de.resx</c>.</summary>
public sealed class ShellWords;
