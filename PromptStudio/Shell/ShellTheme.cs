using MudBlazor;

namespace PromptStudio.Shell;

/// <summary>MudBlazor's components in the studio's look. The same colours stand in <c>wwwroot/studio.css</c>; a test keeps the two equal.</summary>
public static class ShellTheme
{
    private static readonly string[] Sans = ["Inter Variable", "Inter", "system-ui", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#4f46e5",
            PrimaryContrastText = "#ffffff",
            Secondary = "#565f6d",
            Tertiary = "#1d5fbf",
            Info = "#1d5fbf",
            Success = "#17683a",
            Warning = "#8a5300",
            Error = "#b42318",
            TextPrimary = "#1a1d24",
            TextSecondary = "#565f6d",
            TextDisabled = "#8a93a3",
            ActionDefault = "#565f6d",
            ActionDisabled = "#8a93a3",
            ActionDisabledBackground = "#f0f2f5",
            Background = "#f7f8fa",
            BackgroundGray = "#f0f2f5",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#1a1d24",
            DrawerIcon = "#565f6d",
            AppbarBackground = "#ffffff",
            AppbarText = "#1a1d24",
            LinesDefault = "#e3e6eb",
            LinesInputs = "#cbd1da",
            TableLines = "#e3e6eb",
            TableHover = "#f0f2f5",
            Divider = "#e3e6eb",
            DividerLight = "#e3e6eb",
            Skeleton = "#e3e6eb",
            OverlayDark = "rgba(15,17,21,0.4)",
            HoverOpacity = 0.05,
            RippleOpacity = 0,
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#5b62ea",
            PrimaryContrastText = "#ffffff",
            Secondary = "#a3abb9",
            Tertiary = "#8ab4f8",
            Info = "#8ab4f8",
            Success = "#6fd195",
            Warning = "#f0b860",
            Error = "#ff938a",
            TextPrimary = "#e8eaee",
            TextSecondary = "#a3abb9",
            TextDisabled = "#6b7380",
            ActionDefault = "#a3abb9",
            ActionDisabled = "#6b7380",
            ActionDisabledBackground = "#1d212a",
            Background = "#0f1115",
            BackgroundGray = "#1d212a",
            Surface = "#161920",
            DrawerBackground = "#161920",
            DrawerText = "#e8eaee",
            DrawerIcon = "#a3abb9",
            AppbarBackground = "#161920",
            AppbarText = "#e8eaee",
            LinesDefault = "#272c36",
            LinesInputs = "#3b4250",
            TableLines = "#272c36",
            TableHover = "#1d212a",
            Divider = "#272c36",
            DividerLight = "#272c36",
            Skeleton = "#272c36",
            OverlayDark = "rgba(0,0,0,0.6)",
            HoverOpacity = 0.06,
            RippleOpacity = 0,
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", AppbarHeight = "48px", DrawerWidthLeft = "224px", DrawerMiniWidthLeft = "56px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.4286", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.4286", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.4286", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Sans, FontSize = "0.875rem", FontWeight = "500", LineHeight = "1.4286", LetterSpacing = "normal", TextTransform = "none" },
            H5 = new H5Typography { FontFamily = Sans, FontSize = "1.25rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "-0.01em" },
            H6 = new H6Typography { FontFamily = Sans, FontSize = "0.9375rem", FontWeight = "600", LineHeight = "1.6", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontFamily = Sans, FontSize = "0.75rem", LineHeight = "1.3333", LetterSpacing = "normal" },
        },
        // Borders, not shadows.
        Shadows = new Shadow { Elevation = [.. Enumerable.Repeat("none", 26)] },
    };
}
