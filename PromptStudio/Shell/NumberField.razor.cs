using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>A number that is taken while it is typed. The field keeps it as its person writes it: 0.0 on the way to 0.05 is not 0.</summary>
public sealed partial class NumberField
{
    private string _typed = "";
    private double? _taken;

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [Parameter]
    public string? Min { get; set; }

    [Parameter]
    public string? Max { get; set; }

    [Parameter]
    public string Step { get; set; } = "any";

    /// <summary>Null: there is none, or what stands there is no number.</summary>
    [Parameter]
    public double? Value { get; set; }

    [Parameter]
    public EventCallback<double?> ValueChanged { get; set; }

    protected override void OnParametersSet()
    {
        if (Value != _taken)
            (_taken, _typed) = (Value, Value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "");
    }

    private Task TypedAsync(string? typed)
    {
        _typed = typed ?? "";
        _taken = double.TryParse(_typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
        return ValueChanged.InvokeAsync(_taken);
    }
}
