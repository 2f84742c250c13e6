using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Prompts;

namespace PromptStudio.Editor;

/// <summary>The versions of a prompt, the newest first.</summary>
public sealed partial class VersionTimeline
{
    private string _typed = "";

    [Parameter, EditorRequired]
    public required IReadOnlyList<VersionSummary> Versions { get; set; }

    /// <summary>The open one.</summary>
    [Parameter, EditorRequired]
    public Guid Current { get; set; }

    /// <summary>The one that it is compared with.</summary>
    [Parameter]
    public VersionSummary? Compared { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<VersionSummary> OnCompare { get; set; }

    private IEnumerable<VersionSummary> Found => _typed.Trim() is { Length: > 0 } typed ? Versions.Where(version => Matches(version, typed)) : Versions;

    private static bool Matches(VersionSummary version, string typed) =>
        version.Version.ToString(CultureInfo.InvariantCulture) == typed.TrimStart('v', 'V')
        || new[] { version.Message, version.CreatedBy }.Concat(version.Labels).Any(text => text?.Contains(typed, StringComparison.OrdinalIgnoreCase) == true);
}
