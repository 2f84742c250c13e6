namespace PromptStudio.Editor;

/// <summary>The texts of the editor; its translations are <c>EditorWords.de.resx</c>.</summary>
public sealed class EditorWords;
