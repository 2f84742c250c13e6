namespace PromptStudio.Core.Guardrails.ModelCheck;

/// <summary>What a model says of a text.</summary>
/// <param name="Scores">One for each thing that it was asked about.</param>
public sealed record ModelVerdict(IReadOnlyList<ModelScore> Scores);

/// <summary>One thing that a model says of a text.</summary>
/// <param name="Name">What it is about, e.g. <c>TOXICITY</c>.</param>
/// <param name="Value">What it gives; of a yes or no, 1 or 0.</param>
/// <param name="Threshold">Where a hit begins; null: the model says yes or no itself.</param>
/// <param name="IsHit">Whether it is one.</param>
public sealed record ModelScore(string Name, double Value, double? Threshold, bool IsHit);

/// <summary>An answer is not of the form that the rule expects; the message never quotes it, since it may quote the text.</summary>
public sealed class ModelAnswerException(string message, Exception? inner = null) : Exception(message, inner);
