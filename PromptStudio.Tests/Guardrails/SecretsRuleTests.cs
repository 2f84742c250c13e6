using System.Text;
using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.Secrets;
using PromptStudio.Core.Guardrails.Text;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Templating;

namespace PromptStudio.Tests.Guardrails;

/// <summary>The secrets are made up as the tests run: none stands in this file.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class SecretsRuleTests
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + Lower;
    private const string Hex = "0123456789abcdef";

    private static readonly Rule Secrets = RuleType.Parse(RuleType.Secrets, "{}");

    /// <summary>Detector, and a token with <c>#</c> and a length for each random part: <c>h</c> hex, <c>l</c> lower, <c>a</c> alphanumeric, <c>u</c> capitals, <c>d</c> digits.</summary>
    public static TheoryData<string, string> Tokens => new()
    {
        { "aws-access-key", "AKIA#u16" },
        { "google-api-key", "AIza#a35" },
        { "azure-client-secret", "Ab~" + "8Q~#a34" },
        { "alibaba-access-key", "LTAI#a20" },
        { "digitalocean-token", "dop_v1_#h64" },
        { "github-token", "ghp_#a36" },
        { "github-token", "ghs_#a36" },
        { "github-fine-grained-token", "github_pat_#a22_#a59" },
        { "gitlab-token", "glpat-#a20" },
        { "gitlab-token", "glptt-#h40" },
        { "npm-token", "npm_#a36" },
        { "pypi-token", "pypi-AgEIcHlwaS5vcmc#a80" },
        { "rubygems-token", "rubygems_#h48" },
        { "docker-token", "dckr_pat_#a27" },
        { "sonar-token", "squ_#h40" },
        { "sourcegraph-token", "sgp_#h40" },
        { "terraform-token", "#a14.atlasv1.#a64" },
        { "vault-token", "hvs.#a95" },
        { "pulumi-token", "pul-#h40" },
        { "doppler-token", "dp.pt.#l43" },
        { "harness-key", "pat.#a22.#a24.#a20" },
        { "openai-key", "sk-proj-#a74T3BlbkFJ#a74" },
        { "openai-key", "sk-#a20T3BlbkFJ#a20" },
        { "anthropic-key", "sk-ant-api03-#a93AA" },
        { "huggingface-token", "hf_#a34" },
        { "groq-key", "gsk_#a52" },
        { "databricks-token", "dapi#h32" },
        { "slack-token", "xoxb-#d12-#d12-#a24" },
        { "slack-token", "xoxp-#d12-#d12-#d12-#h32" },
        { "slack-webhook", "hooks.slack.com/services/T#u8/B#u10/#a24" },
        { "telegram-token", "#d9:AA#a33" },
        { "sendgrid-key", "SG.#a22.#a43" },
        { "mailchimp-key", "#h32-us14" },
        { "mailgun-key", "key-#h32" },
        { "twilio-key", "SK#h32" },
        { "stripe-key", "sk_live_#a24" },
        { "square-token", "sq0atp-#a22" },
        { "shopify-token", "shpat_#h32" },
        { "atlassian-token", "ATATT3#a186" },
        { "linear-key", "lin_api_#a40" },
        { "notion-token", "ntn_#d11#a35" },
        { "airtable-token", "pat#a14.#h64" },
        { "figma-token", "figd_#a40" },
        { "postman-key", "PMAK-#h24-#h34" },
        { "new-relic-key", "NRAK-#u27" },
        { "grafana-token", "glsa_#a32_#h8" },
        { "sentry-token", "sntryu_#h64" },
        { "planetscale-token", "pscale_tkn_#a43" },
        { "maxmind-key", "#a6_#a29_mmk" },
        { "nvidia-key", "nvapi-#a64" },
        { "cerebras-key", "csk-#l48" },
        { "together-key", "tgp_v1_#a43" },
        { "fireworks-key", "fw_#a24" },
        { "elevenlabs-key", "sk_#h48" },
        { "deepseek-key", "sk-#h32" },
        { "model-key", "sk-#a48" },
        { "langfuse-key", "sk-lf-#h8-#h4-#h4-#h4-#h12" },
        { "neon-key", "napi_#l64" },
        { "mongodb-atlas-secret", "mdb_sa_sk_#a40" },
        { "cockroach-key", "CCDB1_#a22_#a40" },
        { "resend-key", "re_#a8_#a24" },
        { "firebase-server-key", "AAAA#a7:APA91b#a134" },
        { "razorpay-key", "rzp_live_#a14" },
        { "braintree-token", "access_token$production$#l16$#h32" },
        { "posthog-key", "phx_#a43" },
        { "honeycomb-key", "hcaik_#l58" },
        { "render-key", "rnd_#a28" },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Token_IsFoundToTheCharacter(string detector, string form)
    {
        var token = Make(form);
        foreach (var (before, after) in new[] { ("", ""), ("My key is ", " - why?"), ("TOKEN=", "\n"), ("{\"key\": \"", "\"}"), ("看", "吧") })
        {
            var hit = Assert.Single(Hits(Secrets, before + token + after));
            Assert.Equal((detector, new TextSpan(before.Length, before.Length + token.Length)), (hit.Entity, hit.Span));
            Assert.DoesNotContain(token, hit.Message, StringComparison.Ordinal);
        }
        // Part of something longer.
        Assert.DoesNotContain(Hits(Secrets, "x" + token), hit => hit.Entity == detector);
        Assert.Single(Hits(RuleType.Parse(RuleType.Secrets, JsonSerializer.Serialize(new { detectors = new[] { detector } })), token));
    }

    [Theory]
    [InlineData("cloudflare-key", "cloudflare_api_key=\"", "#l40", "\"")]
    [InlineData("cohere-key", "CO_API_KEY='", "#a40", "'")]
    [InlineData("heroku-key", "heroku key: ", "#h8-#h4-#h4-#h4-#h12", "")]
    [InlineData("aws-secret-key", "aws_secret_access_key = ", "#a40", "\n")]
    [InlineData("url-password", "postgres://app:", "#a12", "@db.example.org/app")]
    [InlineData("curl-password", "curl -u admin:", "#a12", " https://example.org")]
    [InlineData("authorization-header", "-H 'Authorization: Bearer ", "#a32", "'")]
    [InlineData("generic-secret", "password = \"", "#a16", "\"")]
    [InlineData("generic-secret", "the password is ", "#a10!x7A", " and")]
    [InlineData("generic-secret", "<add key=\"DbPassword\" value=\"", "#a16", "\"/>")]
    public void Secret_IsToldByWhatStandsBefore(string detector, string before, string form, string after)
    {
        var secret = Make(form);
        var hit = Assert.Single(Hits(Secrets, before + secret + after));
        Assert.Equal((detector, new TextSpan(before.Length, before.Length + secret.Length)), (hit.Entity, hit.Span));
        Assert.DoesNotContain(secret, hit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PrivateKeys_AreFound_AndEmptyOnesAreNot()
    {
        var key = $"-----BEGIN RSA PRIVATE KEY-----\n{Make("#a64")}\n{Make("#a64")}\n-----END RSA PRIVATE KEY-----";
        var hit = Assert.Single(Hits(Secrets, $"Use this:\n{key}\nThanks"));
        Assert.Equal(("private-key", new TextSpan(10, 10 + key.Length)), (hit.Entity, hit.Span));
        Assert.Empty(Hits(Secrets, "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----"));
        Assert.Empty(Hits(Secrets, key.Replace("PRIVATE", "PUBLIC", StringComparison.Ordinal)));
    }

    [Fact]
    public void Jwt_IsFoundByItsHeader()
    {
        static string Part(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var token = $"{Part("""{"alg":"HS256","typ":"JWT"}""")}.{Part("""{"sub":"someone","admin":true}""")}.{Make("#a43")}";
        Assert.Equal("jwt", Assert.Single(Hits(Secrets, $"token {token} end")).Entity);
        Assert.Empty(Hits(Secrets, $"{Part("""{"typ":"a picture"}""")}.{Part("""{"sub":"someone"}""")}.{Make("#a43")}"));
        Assert.Empty(Hits(Secrets, "eyJhbGciOi.eyJzdWIi.abc"));
    }

    [Theory]
    [InlineData("password = \"your-api-key-1\"")]
    [InlineData("api_key: xxxxxxxxxxxxxxxx")]
    [InlineData("password: ${DB_PASSWORD}")]
    [InlineData("password: {{ db_password }}")]
    [InlineData("token = <your-token>")]
    [InlineData("secret=\"%SECRET_1%\"")]
    [InlineData("access_token_url = \"https://example.org/oauth/1A2b\"")]
    [InlineData("password = os.environ[\"Db1\"]")]
    [InlineData("secret = get_secret(\"Db1\")")]
    [InlineData("the password is wrong, try again")]
    [InlineData("Password: must have 8 characters")]
    [InlineData("postgres://user:password@localhost/db")]
    [InlineData("https://${USER}:${PASS}@example.org")]
    [InlineData("curl -u user:[PASSWORD] https://example.org")]
    [InlineData("Authorization: Bearer <token>")]
    [InlineData("csrf_token = \"a8Fk29sLq0Zx71Bv\"")]
    [InlineData("api_key_id = \"29f63271-dc2f-4734-8221-5b31b5169bac\"")]
    [InlineData("The secret of good bread is time: 12 hours.")]
    public void Placeholders_AndNames_AreLeftAlone(string text) => Assert.Empty(Hits(Secrets, text));

    [Theory]
    [InlineData("ghp_", 'x', 36)]
    [InlineData("AKIA", 'X', 16)]
    [InlineData("glpat-", '0', 20)]
    public void Token_OfOneCharacter_IsAnExample(string prefix, char character, int length) => Assert.Empty(Hits(Secrets, prefix + new string(character, length)));

    [Fact]
    public void DocumentedExamples_AreLeftAlone() => Assert.Empty(Hits(Secrets, "aws_access_key_id = AKIAIOSFODNN7" + "EXAMPLE"));

    [Fact]
    public void Allowed_IsNoHit()
    {
        var token = Make("ghp_#a36");
        Assert.Empty(Hits(RuleType.Parse(RuleType.Secrets, JsonSerializer.Serialize(new { allow = new[] { token } })), token));
    }

    [Fact]
    public void Entropy_DecidesWhatAPasswordIs()
    {
        const string Weak = "password = \"aab1aab1aab1\"";
        Assert.Empty(Hits(Secrets, Weak));
        Assert.Empty(Hits(RuleType.Parse(RuleType.Secrets, """{"entropy": "strict"}"""), Weak));
        const string Middling = "password = \"ab3def1g\"";
        Assert.Single(Hits(Secrets, Middling));
        Assert.Empty(Hits(RuleType.Parse(RuleType.Secrets, """{"entropy": "permissive"}"""), Middling));
        Assert.Empty(Hits(RuleType.Parse(RuleType.Secrets, """{"entropy": "off"}"""), $"password = \"{Make("#a20")}\""));
    }

    [Fact]
    public void Disguise_IsShownWhereItIs()
    {
        var token = Make("ghp_#a36");
        Assert.Equal(new TextSpan(3, 4 + token.Length), Assert.Single(Hits(Secrets, "is " + token.Insert(9, "\u200b") + ".")).Span);
        var hidden = Convert.ToBase64String(Encoding.UTF8.GetBytes("use " + token));
        Assert.Equal(new TextSpan(3, 3 + hidden.Length), Assert.Single(Hits(Secrets, "is " + hidden)).Span);
    }

    [Theory]
    [InlineData("""{"detectors": ["github"]}""", "rule_config.detectors has no detector 'github'; there are private-key,")]
    [InlineData("""{"entropy": "high"}""", "rule_config.entropy must be one of balanced, strict, permissive, off.")]
    [InlineData("""{"allow": [1]}""", "rule_config.allow")]
    [InlineData("""{"detector": "jwt"}""", "rule_config.detector is not known here; known are detectors, entropy, allow.")]
    public void Config_ThatIsWrong_NamesItsField(string config, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => RuleType.Parse(RuleType.Secrets, config)).Message, StringComparison.Ordinal);

    [Fact]
    public void EveryDetector_CanBeChosen()
    {
        Assert.True(SecretsRule.Detectors.Count > 120);
        Assert.All(SecretsRule.Detectors, detector => Assert.Empty(Hits(RuleType.Parse(RuleType.Secrets, JsonSerializer.Serialize(new { detectors = detector })), "Nothing is here.")));
    }

    [Fact]
    public void Cases_MeetTheirBars()
    {
        foreach (var path in CaseFiles.Find("secret_cases.json"))
        {
            var (provider, providerFound, others, othersFound, clean, flagged) = (0, 0, 0, 0, 0, 0);
            foreach (var one in CaseFiles.Elements(path))
            {
                var hits = Hits(Secrets, string.Concat(one.GetProperty("parts").EnumerateArray().Select(part => part.GetString())));
                if (one.GetProperty("expected").GetString() == "clean")
                {
                    clean++;
                    flagged += hits.Count > 0 ? 1 : 0;
                }
                else if (one.GetProperty("expected").GetString() == "secret")
                {
                    var span = new TextSpan(one.GetProperty("secret_start").GetInt32(), one.GetProperty("secret_end").GetInt32());
                    var found = hits.Exists(hit => hit.Span == span) ? 1 : 0;
                    if (one.GetProperty("detector_family").GetString() == "provider-token")
                        (provider, providerFound) = (provider + 1, providerFound + found);
                    else
                        (others, othersFound) = (others + 1, othersFound + found);
                }
            }
            CaseFiles.Report(path, providerFound, provider - providerFound, $"provider tokens, to the character; others {othersFound} of {others}; clean flagged {flagged} of {clean}");
            Assert.True(providerFound >= 0.98 * provider && flagged <= 0.03 * clean, $"provider tokens {providerFound} of {provider}; clean flagged {flagged} of {clean}");
        }
    }

    /// <summary>The same on every run, and of every character equally often: as random as any.</summary>
    private static string Make(string form)
    {
        var made = new StringBuilder();
        var state = 17u;
        for (var at = 0; at < form.Length; at++)
        {
            if (form[at] != '#')
            {
                made.Append(form[at]);
                continue;
            }
            var alphabet = form[at + 1] switch { 'h' => Hex, 'l' => Lower, 'u' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 'd' => "0123456789", _ => Alphanumeric };
            var length = 0;
            for (at += 2; at < form.Length && char.IsAsciiDigit(form[at]); at++)
                length = (10 * length) + form[at] - '0';
            at--;
            for (var index = 0; index < length; index++)
            {
                state = (state * 1_664_525) + 1_013_904_223;
                made.Append(alphabet[(int)((state >> 12) % (uint)alphabet.Length)]);
            }
        }
        return made.ToString();
    }

    private static List<Hit> Hits(Rule rule, string text)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return hits;
    }
}
