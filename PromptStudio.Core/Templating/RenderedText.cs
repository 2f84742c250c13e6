namespace PromptStudio.Core.Templating;

/// <summary>A stretch of a rendered text.</summary>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
public readonly record struct TextSpan(int Start, int End);

/// <summary>What a template became.</summary>
/// <param name="Text">The rendered text.</param>
/// <param name="Literals">
/// Where the text is the template's own, and not a value's: in order, not touching each other. Empty unless one of the texts that were rendered could begin a message
/// (<see cref="Prompts.ChatText"/>): nobody else asks.
/// </param>
public readonly record struct RenderedText(string Text, IReadOnlyList<TextSpan> Literals);
