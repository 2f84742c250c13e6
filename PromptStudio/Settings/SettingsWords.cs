namespace PromptStudio.Settings;

/// <summary>The texts of the page of settings; its translations are <c>SettingsWords.de.resx</c>.</summary>
public sealed class SettingsWords;
