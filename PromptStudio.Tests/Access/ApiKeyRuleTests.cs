using PromptStudio.Core.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ApiKeyRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true, "render")]
    [InlineData(true, "render", "read", "write", "admin")]
    [InlineData(false)]
    [InlineData(false, "Render")]
    [InlineData(false, "render", "render")]
    [InlineData(false, "render", null)]
    public void Scopes_AreKnownAndNamedOnce(bool valid, params string?[] scopes) => Assert.Equal(valid, ApiKeyRule.ScopesProblem(scopes!) is null);

    [Theory]
    [InlineData(true, "nlu_topic_extraction")]
    [InlineData(true)]
    [InlineData(false, "a b")]
    [InlineData(false, "ok", null)]
    public void BoundNames_AreNamesOfPrompts(bool valid, params string?[] names) => Assert.Equal(valid, ApiKeyRule.BoundNamesProblem(names!) is null);

    [Theory]
    [InlineData(true, "nlu")]
    [InlineData(false, " ")]
    [InlineData(false, "nlu", null)]
    public void BoundCategories_AreNotEmpty(bool valid, params string?[] categories) => Assert.Equal(valid, ApiKeyRule.BoundCategoriesProblem(categories!) is null);

    [Fact]
    public void Lists_AreBounded()
    {
        var many = Enumerable.Range(0, ApiKeyRule.MaxBound + 1).Select(n => $"p{n}").ToList();

        Assert.NotNull(ApiKeyRule.BoundNamesProblem(many));
        Assert.NotNull(ApiKeyRule.BoundCategoriesProblem(many));
        Assert.NotNull(ApiKeyRule.NameProblem(new string('x', ApiKeyRule.MaxNameLength + 1)));
        Assert.NotNull(ApiKeyRule.NameProblem("  "));
    }

    [Fact]
    public void Expiry_IsInTheFuture()
    {
        Assert.Null(ApiKeyRule.ExpiryProblem(null, Now));
        Assert.Null(ApiKeyRule.ExpiryProblem(Now.AddSeconds(1), Now));
        Assert.NotNull(ApiKeyRule.ExpiryProblem(Now, Now));
    }

    [Fact]
    public void Admin_CannotBeBound()
    {
        var binding = KeyBinding.Of(["p"], []);

        Assert.True(ApiKeyRule.BindingExcludes(["read", "admin"], binding));
        Assert.False(ApiKeyRule.BindingExcludes(["read", "write"], binding));
        Assert.False(ApiKeyRule.BindingExcludes(["admin"], null));
    }

    [Fact]
    public void Maker_ThatIsAKey_GivesNoMoreThanItHas()
    {
        var key = new Actor(ActorKind.ApiKey, "1", "ci", PermissionRules.OfScope(ApiScope.Admin) | PermissionRules.OfScope(ApiScope.Read));
        var person = new Actor(ActorKind.User, "2", "ada@example.com", PermissionRules.OfRole(Role.SuperAdmin));

        Assert.Equal(["render", "write"], ApiKeyRule.BeyondMaker(key, ApiScope.All));
        Assert.Empty(ApiKeyRule.BeyondMaker(key, ["admin", "read"]));
        Assert.Empty(ApiKeyRule.BeyondMaker(person, ApiScope.All));
    }
}
