using Microsoft.Extensions.Localization;
using MudBlazor;

namespace PromptStudio.Shell;

/// <summary>What was done, said in the corner for some seconds; with a way back where there is one.</summary>
public sealed class Toasts(ISnackbar snackbar, IStringLocalizer<ShellWords> words)
{
    /// <summary>Time for the way back.</summary>
    private const int UndoMilliseconds = 30_000;

    /// <summary>Something was done.</summary>
    public void Done(string text) => snackbar.Add(text, Severity.Success, options => options.HideIcon = true);

    /// <summary>Something was done that can be taken back.</summary>
    /// <param name="text">What was done.</param>
    /// <param name="undo">Takes it back.</param>
    public void Done(string text, Func<Task> undo)
    {
        // One way back at a time: an earlier one would lead to a state that this has passed.
        snackbar.Clear();
        snackbar.Add(text, Severity.Success, options =>
        {
            options.HideIcon = true;
            options.VisibleStateDuration = UndoMilliseconds;
            options.Action = words["Undo"];
            options.OnClick = _ => undo();
        });
    }

    /// <summary>Something was not done, and why; it stays until it is closed.</summary>
    public void Failed(string text) => snackbar.Add(text, Severity.Error, options =>
    {
        options.HideIcon = true;
        options.RequireInteraction = true;
    });
}
