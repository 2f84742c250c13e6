namespace PromptStudio.Audit;

/// <summary>The texts of the audit log's page; its translations are <c>AuditWords.de.resx</c>.</summary>
public sealed class AuditWords;
