using Microsoft.Extensions.Localization;
using MudBlazor;

namespace PromptStudio.Shell;

/// <summary>What was done, said in the corner; with a way back where there is one.</summary>
public sealed class Toasts(ISnackbar snackbar, IStringLocalizer<ShellWords> words)
{
    /// <summary>Time for the way back.</summary>
    private const int UndoMilliseconds = 30_000;

    /// <summary>Something was done.</summary>
    public void Say(string text) => snackbar.Add(text, Severity.Success);

    /// <summary>Something was not done, and why.</summary>
    public void Refuse(string text) => snackbar.Add(text, Severity.Error);

    /// <summary>Something was done that can be taken back.</summary>
    /// <param name="text">What was done.</param>
    /// <param name="undo">Takes it back.</param>
    public void Say(string text, Func<Task> undo) => snackbar.Add(text, Severity.Success, options =>
    {
        options.VisibleStateDuration = UndoMilliseconds;
        options.Action = words["Undo"];
        options.OnClick = _ => undo();
    });
}
