using System.Globalization;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Bytes, as <c>encode()</c> and <c>to_bytes()</c> give them.</summary>
internal sealed class PyBytes(byte[] bytes) : PyObject
{
    public byte[] Bytes => bytes;

    public override string TypeName => "bytes";

    public override bool HasItems => true;

    public override long Length(Run run) => bytes.Length;

    public override PyIterator Iterate(Run run)
    {
        run.ChargeItems(bytes.Length);
        return new ArrayIterator(Array.ConvertAll(bytes, one => Value.Of((long)one)));
    }

    public override Value Item(Run run, Value key) =>
        key.Kind == Kind.Int && PySequence.Place(key.Bits, bytes.Length, out var at) ? Value.Of((long)bytes[at]) : default;

    public override bool Same(Run run, PyObject other) => other is PyBytes same && bytes.AsSpan().SequenceEqual(same.Bytes);

    public override string Repr(Run run)
    {
        run.ChargeChars(bytes.Length * 4L);
        var quote = Array.IndexOf(bytes, (byte)'\'') >= 0 && Array.IndexOf(bytes, (byte)'"') < 0 ? '"' : '\'';
        var text = new StringBuilder(bytes.Length + 3).Append('b').Append(quote);
        foreach (var one in bytes)
        {
            switch (one)
            {
                case (byte)'\n':
                    text.Append("\\n");
                    break;
                case (byte)'\r':
                    text.Append("\\r");
                    break;
                case (byte)'\t':
                    text.Append("\\t");
                    break;
                case (byte)'\\':
                    text.Append("\\\\");
                    break;
                case >= 32 and < 127:
                    text.Append(one == quote ? "\\" : string.Empty).Append((char)one);
                    break;
                default:
                    text.Append(CultureInfo.InvariantCulture, $"\\x{one:x2}");
                    break;
            }
        }

        return text.Append(quote).ToString();
    }

    public override Value Attribute(Run run, string name) => name switch
    {
        "decode" => Value.Of(new NativeFunction("decode", Decode)),
        "hex" => Value.Of(new NativeFunction("hex", (Run _, in CallArguments _) => Value.Of(Convert.ToHexStringLower(bytes)))),
        _ => default,
    };

    private Value Decode(Run run, in CallArguments arguments)
    {
        run.ChargeChars(bytes.Length);
        return Value.Of(Encoding.UTF8.GetString(bytes));
    }
}
