using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

[Trait(Tier.Name, Tier.Unit)]
public sealed class UnicodeCheckTests
{
    [Fact]
    public void Machine_ThatNormalises_Passes() => UnicodeCheck.Run();

    [Fact]
    public void Machine_ThatDoesNot_IsRefused() => Assert.Contains("ICU", Assert.Throws<StartupException>(() => UnicodeCheck.Run(text => text)).Message, StringComparison.Ordinal);
}

/// <summary>The app as a process, in the mode of .NET that knows no Unicode.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class UnicodeStartTests
{
    [Fact]
    public async Task Start_WithoutUnicode_IsRefusedInOneLine()
    {
        var (exitCode, output) = await StudioProcess.RunAsync([], ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"));

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Prompt Studio cannot start. Unicode normalisation does not work here", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', output.TrimEnd());
    }
}
