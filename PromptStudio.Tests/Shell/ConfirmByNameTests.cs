using Bunit;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Component)]
public sealed class ConfirmByNameTests : BunitContext
{
    public ConfirmByNameTests()
    {
        Services.AddStudioComponents();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Button_IsEnabled_OnlyWithTheName()
    {
        var confirmed = 0;
        var dialog = Render<ConfirmByName>(parameters => parameters
            .Add(one => one.Title, "Delete Payment data?").Add(one => one.Name, "Payment data").Add(one => one.Verb, "Delete")
            .AddChildContent("It is gone then.").Add(one => one.OnConfirmed, () => confirmed++).Add(one => one.OnClosed, () => { }));

        Assert.True(dialog.Find("button[type=submit]").HasAttribute("disabled"));
        dialog.Find("input").Input("payment data");
        Assert.True(dialog.Find("button[type=submit]").HasAttribute("disabled"));
        dialog.Find("form").Submit();
        Assert.Equal(0, confirmed);

        dialog.Find("input").Input(" Payment data ");
        Assert.False(dialog.Find("button[type=submit]").HasAttribute("disabled"));
        dialog.Find("form").Submit();
        Assert.Equal(1, confirmed);
    }
}
