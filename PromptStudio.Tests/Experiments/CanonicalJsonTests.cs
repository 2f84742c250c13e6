using PromptStudio.Core.Experiments;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class CanonicalJsonTests
{
    [Fact]
    public void CanonicalJson_KnowsNeitherOrderNorWayOfWriting() => Assert.Equal(
        CanonicalJson.Write(System.Text.Json.JsonDocument.Parse("""{"b": [1.0, "x"], "a": {"d": 0.00000012, "c": null}}""").RootElement),
        CanonicalJson.Write(System.Text.Json.JsonDocument.Parse("""{"a":{"c":null,"d":1.2e-7},"b":[1,"x"]}""").RootElement));
}
