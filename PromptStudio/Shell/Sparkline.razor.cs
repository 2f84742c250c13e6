using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>A bar for each of the last days, as high as its share of the highest; a day without anything keeps a mark.</summary>
public sealed partial class Sparkline
{
    private const int Step = 6;
    private const int Height = 20;

    [Parameter, EditorRequired]
    public required IReadOnlyList<long> Values { get; set; }

    /// <summary>The same in words.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    private int Width => (Values.Count * Step) - 2;

    private IEnumerable<(string X, string Y, string Height, bool Today)> Bars()
    {
        var most = Math.Max(1, Values.Max());
        for (var n = 0; n < Values.Count; n++)
        {
            var height = Values[n] == 0 ? 1 : Math.Max(2, Values[n] * Height / (double)most);
            yield return (Write(n * Step), Write(Height - height), Write(height), n == Values.Count - 1);
        }
    }

    private static string Write(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
