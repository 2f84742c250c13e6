using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Experiments.Pages;

/// <summary>A slider for each group; the rules are those of <see cref="TrafficSplit"/>.</summary>
public sealed partial class SplitEditor
{
    [Parameter, EditorRequired]
    public required TrafficSplit Split { get; set; }

    [Parameter]
    public EventCallback OnChanged { get; set; }

    private MetricWords Words => new(L);

    private Task SetAsync(int group, string? share)
    {
        if (decimal.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent))
            Split.Set(group, Math.Clamp(percent, 0, 100));
        return OnChanged.InvokeAsync();
    }

    private Task EqualizeAsync()
    {
        Split.Equalize();
        return OnChanged.InvokeAsync();
    }
}
