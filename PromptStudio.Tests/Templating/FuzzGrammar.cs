using System.Text;

namespace PromptStudio.Tests.Templating;

/// <summary>
/// A loose grammar of a template language. In a rule <c>$e</c> stands for an expression, <c>$b</c> for a body, <c>$n</c> for a name,
/// <c>$f</c> for a filter or function.
/// </summary>
internal sealed class FuzzGrammar(string[] statements, string[] expressions, string[] functions, string[] pieces)
{
    private const int Depth = 5;

    private static readonly string[] Names = ["x", "name", "n", "big", "f", "no", "user", "messages", "y", "nope", "loop"];

    private static readonly string[] Texts = ["Hello ", "\n", " ", "", "🎉", "<b>&", "  \n\t", "{", "}", "text"];

    public static FuzzGrammar Jinja { get; } = new(
        [
            "{% if $e %}$b{% elif $e %}$b{% else %}$b{% endif %}", "{% for $n in $e %}$b{% else %}$b{% endfor %}", "{%- for $n, y in $e if $e recursive -%}$b{{ loop($e) }}{% endfor %}",
            "{% set $n = $e %}", "{% set $n %}$b{% endset %}", "{% macro m($n, y=$e) %}$b{{ caller() }}{% endmacro %}{{ m($e) }}", "{% call($n) m($e) %}$b{% endcall %}",
            "{% filter $f %}$b{% endfilter %}", "{% with $n = $e %}$b{% endwith %}", "{% include $e %}", "{% include 'loop' %}", "{% import 'a' as $n %}", "{% from 'a' import $n %}",
            "{% extends $e %}", "{% block b %}$b{{ super() }}{% endblock %}", "{% raw %}$b{% endraw %}", "{# $b #}", "{% do $e %}", "{% set ns = namespace(v=$e) %}{% set ns.v = $e %}",
            "{% set ns = namespace(v=$e) %}{% for i in range(3000) %}{% set ns.v = $e %}{% endfor %}", "{% macro r() %}{{ r() }}{% endmacro %}{{ r() }}",
        ],
        [
            "$n", "$n", "1", "2.5", "'a'", "'%s %5d'", "10**9", "none", "true", "[]", "{}", "[$e, $e]", "{'k': $e}", "($e, $e)", "($e)", "$e + $e", "$e - $e", "$e * $e", "$e / $e",
            "$e // $e", "$e % $e", "$e ** $e", "$e ~ $e", "-$e", "not $e", "$e and $e", "$e or $e", "$e in $e", "$e == $e", "$e < $e", "$e if $e else $e", "$e|$f", "$e|$f($e)",
            "$e is defined", "$e is $f", "$e.k", "$e[$e]", "$e[$e:$e:$e]", "$n.items()", "$n.format($e)", "'{0:>9}'.format($e)", "range($e)", "cycler($e)", "joiner($e)", "dict($n=$e)",
            "lipsum(1)", "'a' * 99999999", "$e.__class__", "loop.index", "self.b()",
        ],
        [
            "upper", "lower", "join", "default", "length", "sort", "map", "select", "reject", "groupby", "tojson", "round", "int", "float", "string", "list", "batch", "slice", "replace",
            "truncate", "wordwrap", "indent", "center", "unique", "reverse", "first", "last", "sum", "min", "max", "dictsort", "items", "urlize", "striptags", "escape", "format", "xmlattr", "pprint",
        ],
        [
            "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "if ", "else", "endif", "for ", " in ", "endfor", "set ", "=", "macro ", "endmacro", "block b", "endblock", "raw", "endraw",
            "(", ")", "[", "]", "{", "}", ",", ":", "|", "'a'", "\"", "'", "\\", "1", "2.5", "10**9", "*", "/", "%", "~", "is ", "not ", "and ", "loop", ".", "🎉", "\r\n", "x", "m()",
        ]);

    public static FuzzGrammar Scriban { get; } = new(
        [
            "{{ if $e }}$b{{ else if $e }}$b{{ else }}$b{{ end }}", "{{ for $n in $e }}$b{{ else }}$b{{ end }}", "{{~ for $n in $e limit:$e offset:$e reversed ~}}$b{{ end }}", "{{ $n = $e }}",
            "{{ $n += $e }}", "{{ $n.k = $e }}", "{{ $n[$e] = $e }}", "{{ capture $n }}$b{{ end }}", "{{ func m($n, y = 1) }}$b{{ ret $e }}{{ end }}{{ m $e }}", "{{ while $e }}$b{{ end }}",
            "{{ case $e }}{{ when $e, $e }}$b{{ else }}$b{{ end }}", "{{ with $n }}$b{{ end }}", "{{ import $n }}", "{{ wrap m }}$b{{ end }}", "{{ include $e }}", "{{ include 'loop' }}",
            "{{ include 'a' $e k: $e }}", "{{ readonly $n }}", "{{%{ $b }%}}", "{{ # $e\n$e }}", "{{ tablerow $n in $e }}$b{{ end }}", "{{ $e; $e }}", "{{ break }}", "{{ continue }}", "{{ ret $e }}",
            "{{ for i in 1..3000; $n = $e; end }}", "{{ func r; r; end; r }}", "{{ $x = $e; $x }}", "{{ $n++ }}", "{{ this.k = $e }}",
        ],
        [
            "$n", "$n", "1", "2.5", "'a'", "\"b\\n\"", "`c`", "null", "true", "empty", "[]", "{}", "[$e, $e]", "{k: $e}", "($e)", "$e + $e", "$e - $e", "$e * $e", "$e / $e", "$e // $e", "$e % $e",
            "$e << $e", "$e >> $e", "$e && $e", "$e || $e", "!$e", "-$e", "$e == $e", "$e < $e", "$e ?? $e", "$e ? $e : $e", "$e..$e", "$e | $f", "$e | $f $e", "$e | $f $e $e", "($f $e)",
            "$e.k", "$e?.k", "$e[$e]", "$e.size", "$e.empty?", "$\"a{$e}\"", "@$f", "(@$f) $e", "for.index", "this", "'a' * 99999999", "1..99999999", "1 << 999999", "$e | array.each @($f)",
            "$e | array.each do; ret $e; end", "do; $e; end", "$n.get_type", "$0", "$",
        ],
        [
            "string.upcase", "string.size", "string.split", "string.replace", "string.slice", "string.pad_left", "string.truncate", "string.index_of", "string.to_int", "string.literal", "string.append",
            "array.join", "array.sort", "array.map", "array.add", "array.concat", "array.uniq", "array.first", "array.size", "array.cycle", "array.insert_at", "array.reverse", "array.contains",
            "array.filter", "array.limit", "object.to_json", "object.from_json", "object.default", "object.format", "object.keys", "object.typeof", "object.kind", "math.round", "math.plus", "math.times",
            "math.divided_by", "math.format", "html.strip", "html.escape", "regex.match", "regex.replace", "regex.split", "date.now", "date.today", "object.eval", "include",
        ],
        [
            "{{", "}}", "{{~", "~}}", "{{-", "-}}", "{{%{", "}%}}", "if ", "else", "end", "for ", " in ", "func ", "ret ", "while ", "case ", "when ", "capture ", "with ", "import ", "wrap ",
            "(", ")", "[", "]", "{", "}", ",", ":", "|", "|>", "'a'", "\"", "'", "`", "\\", "1", "2.5", "=", "==", "..", "??", "?.", "@", "^", "$", "$0", ";", "\n", "#", "##", ".", "🎉", "\r\n", "x", "do;",
        ]);

    public string Piece(Random random) => random.Next(3) switch
    {
        0 => Pick(random, Names),
        1 => Pick(random, functions),
        _ => Pick(random, pieces),
    };

    public string Template(Random random) => Body(random, Depth);

    public string Expression(Random random, int depth) => depth <= 0 ? Pick(random, Names) : Fill(random, Pick(random, expressions), depth);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private string Body(Random random, int depth)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 4); parts > 0; parts--)
        {
            text.Append(random.Next(3) switch
            {
                0 => Pick(random, Texts),
                1 => $"{{{{ {Expression(random, depth)} }}}}",
                _ => depth <= 0 ? "" : Fill(random, Pick(random, statements), depth),
            });
        }

        return text.ToString();
    }

    private string Fill(Random random, string rule, int depth)
    {
        var text = new StringBuilder();
        for (var i = 0; i < rule.Length; i++)
        {
            var next = rule[i] == '$' && i + 1 < rule.Length ? rule[i + 1] : ' ';
            var part = next switch
            {
                'e' => Expression(random, depth - 1),
                'b' => Body(random, depth - 2),
                'n' => Pick(random, Names),
                'f' => Pick(random, functions),
                _ => null,
            };
            text.Append(part ?? rule[i].ToString());
            i += part is null ? 0 : 1;
        }

        return text.ToString();
    }
}
