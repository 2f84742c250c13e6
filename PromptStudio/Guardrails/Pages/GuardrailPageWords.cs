namespace PromptStudio.Guardrails.Pages;

/// <summary>The texts of the guardrails' pages; its translations are <c>GuardrailPageWords.de.resx</c>.</summary>
public sealed class GuardrailPageWords;
