namespace PromptStudio.Access;

/// <summary>The texts of the account pages, the users and the API keys; its translations are <c>AccessWords.de.resx</c>.</summary>
public sealed class AccessWords;
