namespace PromptStudio.Database;

/// <summary>The studio cannot start, for a reason that its operator can mend: the message is one line that says what and how.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
