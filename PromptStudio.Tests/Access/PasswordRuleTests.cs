using PromptStudio.Core.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Unit)]
public sealed class PasswordRuleTests
{
    private const string Email = "ada.lovelace@example.com";

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("blue kettle morning rain")]
    [InlineData("x7#kQ2!mPz")]
    [InlineData("Ünïcödé läßt grüßen 🎉")]
    public void Problems_OfAGoodPassword_AreNone(string password) => Assert.Empty(PasswordRule.Problems(password, Email));

    [Theory]
    [InlineData(null, "at least 10 characters")]
    [InlineData("", "at least 10 characters")]
    [InlineData("x7#kQ2!mP", "at least 10 characters")]
    [InlineData("password123", "common passwords")]
    [InlineData("iloveyou2024", "common passwords")]
    [InlineData("qwertyuiop", "common passwords")]
    [InlineData("aaaaaaaaaaaa", "a repetition")]
    [InlineData("abcdefghijklm", "a sequence")]
    [InlineData("promptstudio2026", "name of the studio")]
    [InlineData("PromptStudio1", "name of the studio")]
    [InlineData("lovelace1815", "your e-mail address")]
    [InlineData(Email, "your e-mail address")]
    [InlineData("something else", "quickly guessed")]
    public void Problems_OfABadPassword_SayWhatIsWrong(string? password, string why)
    {
        var problem = Assert.Single(PasswordRule.Problems(password, Email));

        Assert.Contains(why, problem, StringComparison.Ordinal);
        if (password is { Length: > 0 })
            Assert.DoesNotContain(password, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfAVeryLongPassword_AreToldWithoutJudgingAllOfIt()
    {
        Assert.Empty(PasswordRule.Problems("correct horse battery " + new string('x', PasswordRule.MaxLength - 22), Email));
        Assert.Contains("at most 256", Assert.Single(PasswordRule.Problems(new string('x', 1_000_000), Email)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada@example.com", true)]
    [InlineData("o'hara+x@example.co.uk", true)]
    [InlineData("ada", false)]
    [InlineData("ada@", false)]
    [InlineData("a da@example.com", false)]
    [InlineData("ada@example.com\n", false)]
    [InlineData("ada@exa\0mple.com", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void EmailAddress_OfAText_IsOneOrNot(string? text, bool expected) => Assert.Equal(expected, EmailAddress.IsValid(text));
}
