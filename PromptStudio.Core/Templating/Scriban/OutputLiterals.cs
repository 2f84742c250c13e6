using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>Where the outputs of one render are the template's own text. Scriban gives a capture and an include an output of their own, whose text it then writes as a value.</summary>
internal sealed class OutputLiterals
{
    private readonly Dictionary<string, TextSpan[]> _texts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IScriptOutput, Literals> _outputs = new(ReferenceEqualityComparer.Instance);

    /// <summary>The characters that were written to an output.</summary>
    public static int Length(IScriptOutput output) => output switch
    {
        CountingOutput whole => whole.Length,
        StringBuilderOutput part => part.Builder.Length,
        _ => 0,
    };

    /// <summary>What was written since a mark is the template's own.</summary>
    public void Add(IScriptOutput output, int mark) => Of(output).Add(mark, Length(output));

    /// <summary>A string was written at a mark: nothing is known of one that was changed on the way, by an indent say.</summary>
    public void Recall(IScriptOutput output, int mark, string text)
    {
        if (Length(output) - mark == text.Length)
            Of(output).Recall(text, mark);
    }

    /// <summary>An output became a string.</summary>
    public void Keep(IScriptOutput output, string text)
    {
        if (_outputs.TryGetValue(output, out var literals) && literals.ToArray() is { Length: > 0 } spans)
            _texts[text] = spans;
    }

    /// <summary>The spans of an output.</summary>
    public TextSpan[] ToArray(IScriptOutput output) => Of(output).ToArray();

    private Literals Of(IScriptOutput output)
    {
        if (!_outputs.TryGetValue(output, out var literals))
            _outputs.Add(output, literals = new Literals(_texts));
        return literals;
    }
}
