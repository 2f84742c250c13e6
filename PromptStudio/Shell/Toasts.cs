using MudBlazor;

namespace PromptStudio.Shell;

/// <summary>Says for some seconds what was done, with a way back where there is one.</summary>
public static class Toasts
{
    /// <summary>What was done.</summary>
    public static void Done(this ISnackbar toasts, string text) => toasts.Add(text, Severity.Success, options => options.HideIcon = true);

    /// <summary>What was done, and how it is taken back.</summary>
    public static void Done(this ISnackbar toasts, string text, string undo, Func<Task> takeBack) => toasts.Add(text, Severity.Success, options =>
    {
        options.HideIcon = true;
        options.Action = undo;
        options.VisibleStateDuration = 8_000;
        options.OnClick = async _ => await takeBack();
    });

    /// <summary>What did not work; it stays until it is closed.</summary>
    public static void Failed(this ISnackbar toasts, string text) => toasts.Add(text, Severity.Error, options =>
    {
        options.HideIcon = true;
        options.RequireInteraction = true;
    });
}
