using static PromptStudio.Core.Guardrails.Secrets.SecretForm;

namespace PromptStudio.Core.Guardrails.Secrets;

/// <summary>The kinds of secrets that have a form of their own, from what their providers document.</summary>
internal static class SecretDetectors
{
    private const string Uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

    /// <summary>Tokens with letters of their own.</summary>
    private static readonly SecretDetector[] Tokens =
    [
        // Clouds.
        new("aws-access-key", "An access key of AWS.", Token, ["AKIA", "ASIA", "ABIA", "ACCA", "A3T"], "A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[A-Z2-7]{16}", 3),
        new("aws-bedrock-key", "An API key of Amazon Bedrock.", Token, ["ABSK"], "ABSK[A-Za-z0-9+/]{109,}={0,2}", 3),
        new("aws-bedrock-session-key", "A short-lived API key of Amazon Bedrock.", Token, ["bedrock-api-key-"], "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/=_-]*", 3),
        new("google-api-key", "An API key of Google.", Token, ["AIza"], @"AIza[A-Za-z0-9_-]{35}", 3.5),
        new("google-oauth-secret", "An OAuth secret of Google.", Token, ["GOCSPX-"], "GOCSPX-[A-Za-z0-9_-]{28}", 3),
        new("google-oauth-token", "An OAuth token of Google.", Token, ["ya29."], @"ya29\.[A-Za-z0-9_-]{30,}", 3.5),
        new("azure-client-secret", "A client secret of Microsoft Entra.", Token, ["Q~"], "[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}", 3, Back: 4),
        new("azure-storage-key", "A key of Azure Storage or of another service of Azure.", Token, ["AccountKey=", "SharedAccessKey="], "[A-Za-z]+Key=(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=)", 4),
        new("alibaba-access-key", "An access key of Alibaba Cloud.", Token, ["LTAI"], "LTAI[A-Za-z0-9]{12,20}", 3),
        new("digitalocean-token", "A token of DigitalOcean.", Token, ["dop_v1_", "doo_v1_", "dor_v1_"], "do[opr]_v1_[a-f0-9]{64}", 3),
        new("cloudflare-origin-ca-key", "An origin CA key of Cloudflare.", Token, ["v1.0-"], @"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}", 2),
        new("heroku-token", "A token of Heroku.", Token, ["HRKU-AA"], "HRKU-AA[A-Za-z0-9_-]{58}", 3.5),
        new("flyio-token", "A token of Fly.io.", Token, ["fo1_", "fm1a_", "fm1r_", "fm2_"], "fo1_[A-Za-z0-9_-]{43}|fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,}={0,3}", 3.5),
        new("yandex-key", "A key of Yandex Cloud.", Token, ["AQVN", "t1."], @"AQVN[A-Za-z0-9_-]{35,38}|t1\.[A-Za-z0-9_-]{5,}={0,2}\.[A-Za-z0-9_-]{86}={0,2}", 3),
        new("openshift-token", "A token of OpenShift.", Token, ["sha256~"], "sha256~[A-Za-z0-9_-]{43}", 3.5),
        new("authress-key", "An access key of Authress.", Token, ["sc_", "ext_", "scauth_", "authress_"], @"(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][A-Za-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}", 3),
        new("scalingo-token", "A token of Scalingo.", Token, ["tk-us-"], "tk-us-[A-Za-z0-9_-]{48}", 2),
        new("netlify-token", "A token of Netlify.", Token, ["nfp_"], "nfp_[A-Za-z0-9]{36}", 3),
        new("supabase-token", "A token of Supabase.", Token, ["sbp_", "sb_secret_"], "sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{31,40}", 3),

        // Code, packages and builds.
        new("github-token", "A token of GitHub.", Token, ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], "gh[pousr]_[A-Za-z0-9]{36,}", 3),
        new("github-fine-grained-token", "A token of GitHub.", Token, ["github_pat_"], "github_pat_[A-Za-z0-9_]{82}", 3),
        new("gitlab-token", "A token of GitLab.", Token, ["glpat-", "gldt-", "glft-", "glffct-", "glimt-", "glsoat-", "glrt-", "glrtr-", "glptt-", "glagent-", "gloas-", "glcbt-", "GR1348941"],
            @"gl(?:pat|dt|ft|ffct|soat|rt)-[A-Za-z0-9_-]{20}|gl(?:pat|dt|rt|rtr)-[A-Za-z0-9_-]{27,}\.[0-9a-z]{2}\.?[0-9a-z]{7,9}|glimt-[A-Za-z0-9_-]{25}|glptt-[a-f0-9]{40}|glagent-[A-Za-z0-9_-]{50}"
            + "|gloas-[A-Za-z0-9]{64}|glcbt-[A-Za-z0-9]{1,5}_[A-Za-z0-9_-]{20}|GR1348941[A-Za-z0-9_-]{20}|glrt-t[0-9]_[A-Za-z0-9_-]{20,30}", 3),
        new("gitlab-session", "A session of GitLab.", Token, ["_gitlab_session="], "_gitlab_session=[0-9a-z]{32}", 3),
        new("bitbucket-token", "A token of Bitbucket.", Token, ["ATBB", "ATCTT3"], "ATBB[A-Za-z0-9]{24,36}|ATCTT3[A-Za-z0-9_=-]{120,}", 3),
        new("npm-token", "A token of npm.", Token, ["npm_"], "npm_[A-Za-z0-9]{36}", 2.5),
        new("pypi-token", "A token of PyPI.", Token, ["pypi-AgE"], "pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,}", 3),
        new("rubygems-token", "A token of RubyGems.", Token, ["rubygems_"], "rubygems_[a-f0-9]{48}", 2.5),
        new("nuget-key", "A key of NuGet.", Token, ["oy2"], "oy2[a-z0-9]{43}", 3.5),
        new("crates-io-token", "A token of crates.io.", Token, ["cio"], "cio[A-Za-z0-9]{32}", 3.5, IsMixed: true),
        new("clojars-token", "A token of Clojars.", Token, ["CLOJARS_"], "(?i:CLOJARS_)[a-zA-Z0-9]{60}", 2),
        new("docker-token", "A token of Docker.", Token, ["dckr_pat_", "dckr_oat_"], "dckr_[po]at_[A-Za-z0-9_-]{27,32}", 3),
        new("artifactory-token", "A token of Artifactory.", Token, ["AKCp", "cmVmd"], "AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59}", 3.5),
        new("sonar-token", "A token of Sonar.", Token, ["squ_", "sqp_", "sqa_"], "sq[upa]_[A-Za-z0-9=_-]{40}", 2.5),
        new("sourcegraph-token", "A token of Sourcegraph.", Token, ["sgp_"], "sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}", 3),
        new("terraform-token", "A token of Terraform Cloud.", Token, [".atlasv1."], @"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}", 3.5, Back: 14),
        new("vault-token", "A token of HashiCorp Vault.", Token, ["hvs.", "hvb.", "hvr."], @"hv[sr]\.[A-Za-z0-9_-]{24,}|hvb\.[A-Za-z0-9_-]{138,}", 3.5),
        new("vault-legacy-token", "A token of HashiCorp Vault.", Token, ["s."], @"s\.[A-Za-z0-9]{24}", 3.5, IsMixed: true),
        new("pulumi-token", "A token of Pulumi.", Token, ["pul-"], "pul-[a-f0-9]{40}", 2),
        new("octopus-key", "An API key of Octopus Deploy.", Token, ["API-"], "API-[A-Z0-9]{26}", 3),
        new("harness-key", "An API key of Harness.", Token, ["pat.", "sat."], @"[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}", 3),
        new("buildkite-token", "A token of Buildkite.", Token, ["bkua_"], "bkua_[a-z0-9]{40}", 3),
        new("circleci-token", "A token of CircleCI.", Token, ["CCIPAT_"], "CCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}", 3),
        new("prefect-key", "An API key of Prefect.", Token, ["pnu_"], "pnu_[A-Za-z0-9]{36}", 2),
        new("doppler-token", "A token of Doppler.", Token, ["dp.pt.", "dp.st.", "dp.sa.", "dp.ct.", "dp.scim.", "dp.audit."], @"dp\.(?:pt|sa|ct|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}", 2),
        new("infracost-key", "An API key of Infracost.", Token, ["ico-"], "ico-[A-Za-z0-9]{32}", 3),
        new("endor-labs-key", "An API key of Endor Labs.", Token, ["endr+"], @"endr\+[A-Za-z0-9-]{16}", 3),
        new("tailscale-key", "A key of Tailscale.", Token, ["tskey-"], "tskey-[a-z]{3,9}-[A-Za-z0-9]{8,20}-[A-Za-z0-9]{20,40}", 3),
        new("defined-networking-key", "An API key of Defined Networking.", Token, ["dnkey-"], "dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}", 3),
        new("age-secret-key", "A secret key of age.", Token, ["AGE-SECRET-KEY-1"], "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", 3),
        new("1password-secret-key", "A secret key of 1Password.", Token, ["A3-"], "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}", 3.5),
        new("1password-service-token", "A service account token of 1Password.", Token, ["ops_eyJ"], "ops_eyJ[A-Za-z0-9+/]{250,}={0,3}", 4),

        // Models.
        new("openai-key", "An API key of OpenAI.", Token, ["sk-"], "sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,100}|[A-Za-z0-9]{20})T3BlbkFJ[A-Za-z0-9_-]{20,100}", 3),
        new("anthropic-key", "An API key of Anthropic.", Token, ["sk-ant-"], "sk-ant-(?:api03|admin01)-[A-Za-z0-9_-]{93}AA|sk-ant-oat01-[A-Za-z0-9_-]{80,120}", 3),
        new("openrouter-key", "An API key of OpenRouter.", Token, ["sk-or-v1-"], "sk-or-v1-[a-f0-9]{64}", 3),
        new("huggingface-token", "A token of Hugging Face.", Token, ["hf_", "api_org_"], "(?:hf|api_org)_[A-Za-z0-9]{34}", 3),
        new("groq-key", "An API key of Groq.", Token, ["gsk_"], "gsk_[A-Za-z0-9]{52}", 3),
        new("xai-key", "An API key of xAI.", Token, ["xai-"], "xai-[A-Za-z0-9]{80}", 3),
        new("replicate-token", "A token of Replicate.", Token, ["r8_"], "r8_[A-Za-z0-9]{37}", 3),
        new("perplexity-key", "An API key of Perplexity.", Token, ["pplx-"], "pplx-[A-Za-z0-9]{48}", 3.5),
        new("langsmith-key", "An API key of LangSmith.", Token, ["lsv2_"], "lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}", 3),
        new("pinecone-key", "An API key of Pinecone.", Token, ["pcsk_"], "pcsk_[A-Za-z0-9_]{60,80}", 3.5),
        new("clickhouse-key", "A secret key of ClickHouse Cloud.", Token, ["4b1d"], "4b1d[A-Za-z0-9]{38}", 3),
        new("databricks-token", "A token of Databricks.", Token, ["dapi"], "dapi[a-f0-9]{32}(?:-[0-9])?", 3),
        new("planetscale-token", "A token of PlanetScale.", Token, ["pscale_"], @"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9=._-]{32,64}", 3),
        new("nvidia-key", "An API key of NVIDIA.", Token, ["nvapi-"], "nvapi-[A-Za-z0-9_-]{60,70}", 3.5),
        new("cerebras-key", "An API key of Cerebras.", Token, ["csk-"], "csk-[a-z0-9]{48}", 3.5),
        new("together-key", "An API key of Together AI.", Token, ["tgp_v1_"], "tgp_v1_[A-Za-z0-9_-]{43}", 3.5),
        new("fireworks-key", "An API key of Fireworks AI.", Token, ["fw_"], "fw_[A-Za-z0-9]{22,24}", 3.5, IsMixed: true),
        new("elevenlabs-key", "An API key of ElevenLabs.", Token, ["sk_"], "sk_[a-f0-9]{48}", 3),
        new("deepseek-key", "An API key of DeepSeek, or of another server with keys like it.", Token, ["sk-"], "sk-[a-f0-9]{32}", 3),
        new("model-key", "An API key of a model's provider.", Token, ["sk-"], "sk-[A-Za-z0-9]{48}", 4, IsMixed: true),
        new("langfuse-key", "A secret key of Langfuse.", Token, ["sk-lf-"], "sk-lf-" + Uuid, 3),
        new("neon-key", "A key of Neon.", Token, ["napi_"], "napi_[a-z0-9]{64}", 3.5),
        new("mongodb-atlas-secret", "A service account's secret of MongoDB Atlas.", Token, ["mdb_sa_sk_"], "mdb_sa_sk_[A-Za-z0-9_-]{40}", 3.5),
        new("cockroach-key", "An API key of CockroachDB Cloud.", Token, ["CCDB1_"], "CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}", 3.5),
        new("settlemint-token", "A token of SettleMint.", Token, ["sm_aat_", "sm_pat_", "sm_sat_"], "sm_[aps]at_[A-Za-z0-9]{16}", 3),

        // Messages and mail.
        new("slack-token", "A token of Slack.", Token, ["xoxb-", "xoxp-", "xoxe-", "xoxe.", "xoxa-", "xoxr-", "xoxo-", "xoxs-", "xapp-"],
            @"xoxb-[0-9]{8,14}-(?:[0-9]{8,14}-?[A-Za-z0-9-]{16,40}|[A-Za-z0-9]{18,26})|xox[pe](?:-[0-9]{10,13}){3}-[A-Za-z0-9-]{28,34}|xoxe\.xox[bp]-[0-9]-[A-Za-z0-9]{160,}|xoxe-[0-9]-[A-Za-z0-9]{140,}"
            + "|xox[ar]-(?:[0-9]-)?[A-Za-z0-9]{8,48}|xox[os]-[0-9]+-[0-9]+-[0-9]+-[a-fA-F0-9]+|xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-z0-9]{20,80}", 2.5),
        new("slack-webhook", "A webhook of Slack.", Token, ["hooks.slack.com/"], @"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{40,60}", 3),
        new("discord-webhook", "A webhook of Discord.", Token, ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], @"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,80}", 3),
        new("teams-webhook", "A webhook of Microsoft Teams.", Token, [".webhook.office.com/webhookb2/"], @"\.webhook\.office\.com/webhookb2/" + Uuid + "@" + Uuid + "/IncomingWebhook/[A-Za-z0-9]{32}/" + Uuid, 3),
        new("telegram-token", "A token of a Telegram bot.", Token, [":A"], "[0-9]{5,16}:A[A-Za-z0-9_-]{34}", 3, Back: -1),
        new("sendgrid-key", "An API key of SendGrid.", Token, ["SG."], @"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_=-]{39,50}", 3),
        new("sendinblue-key", "An API key of Brevo.", Token, ["xkeysib-", "xsmtpsib-"], "x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}", 2),
        new("mailchimp-key", "An API key of Mailchimp.", Token, ["-us"], "[a-f0-9]{32}-us[0-9]{1,2}", 3, Back: 32),
        new("mailgun-key", "An API key of Mailgun.", Token, ["key-"], "key-[a-f0-9]{32}", 3),
        new("mailgun-public-key", "An API key of Mailgun.", Token, ["pubkey-"], "pubkey-[a-f0-9]{32}", 3),
        new("twilio-key", "An API key of Twilio.", Token, ["SK"], "SK[0-9a-f]{32}", 3),
        new("resend-key", "An API key of Resend.", Token, ["re_"], "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}", 3.5, IsMixed: true),
        new("firebase-server-key", "A server key of Firebase Cloud Messaging.", Token, [":APA91b"], "AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{134}", 3.5, Back: 11),
        new("frameio-token", "A token of Frame.io.", Token, ["fio-u-"], "fio-u-[A-Za-z0-9_=-]{64}", 3),

        // Payments and shops.
        new("stripe-key", "A key of Stripe.", Token, ["sk_test_", "sk_live_", "sk_prod_", "rk_test_", "rk_live_", "rk_prod_"], "[sr]k_(?:test|live|prod)_[A-Za-z0-9]{10,}", 2.5),
        new("stripe-webhook-secret", "A webhook secret of Stripe.", Token, ["whsec_"], "whsec_[A-Za-z0-9+/=]{32,64}", 3),
        new("square-token", "A token of Square.", Token, ["sq0atp-", "sq0csp-", "EAAA"], "sq0(?:atp-[A-Za-z0-9_-]{22,60}|csp-[A-Za-z0-9_-]{43})|EAAA[A-Za-z0-9_-]{56,60}", 2.5),
        new("shopify-token", "A token of Shopify.", Token, ["shpat_", "shpca_", "shppa_", "shpss_"], "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", 2),
        new("flutterwave-key", "A key of Flutterwave.", Token, ["FLWPUBK_", "FLWSECK_"], "FLW(?:PUB|SEC)K_TEST-(?:[a-hA-H0-9]{32}-X|[a-hA-H0-9]{12})", 2),
        new("easypost-key", "An API key of EasyPost.", Token, ["EZAK", "EZTK"], "EZ[AT]K[A-Za-z0-9]{54}", 2),
        new("duffel-token", "A token of Duffel.", Token, ["duffel_"], "duffel_(?:test|live)_[A-Za-z0-9_=-]{43}", 2),
        new("shippo-token", "A token of Shippo.", Token, ["shippo_"], "shippo_(?:live|test)_[a-fA-F0-9]{40}", 2),
        new("lob-key", "An API key of Lob.", Token, ["live_", "test_"], "(?:live|test)_(?:pub_[a-f0-9]{31}|[a-f0-9]{35})", 3),
        new("gocardless-token", "A token of GoCardless.", Token, ["live_"], "live_[A-Za-z0-9_=-]{40}", 3.5, IsMixed: true),
        new("razorpay-key", "A key of Razorpay.", Token, ["rzp_live_", "rzp_test_"], "rzp_(?:live|test)_[A-Za-z0-9]{14}", 3),
        new("braintree-token", "An access token of Braintree or PayPal.", Token, ["access_token$"], @"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}", 3),
        new("plaid-token", "A token of Plaid.", Token, ["access-sandbox-", "access-development-", "access-production-"], "access-(?:sandbox|development|production)-" + Uuid, 3),

        // Work, data and watching.
        new("atlassian-token", "A token of Atlassian.", Token, ["ATATT3"], "ATATT3[A-Za-z0-9_=-]{120,}", 3.5),
        new("linear-key", "An API key of Linear.", Token, ["lin_api_", "lin_oauth_"], "lin_(?:api_[A-Za-z0-9]{40}|oauth_[a-f0-9]{64})", 2),
        new("notion-token", "A token of Notion.", Token, ["ntn_", "secret_"], "ntn_[0-9]{11}[A-Za-z0-9]{35}|secret_[A-Za-z0-9]{43}", 3.7),
        new("airtable-token", "A token of Airtable.", Token, ["pat"], @"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", 3),
        new("asana-token", "A token of Asana.", Token, ["1/1", "2/1"], "[12]/1[0-9]{12,18}(?:/[0-9]{13,19})?:[a-f0-9]{32}", 3),
        new("figma-token", "A token of Figma.", Token, ["figd_"], "figd_[A-Za-z0-9_-]{40,44}", 3),
        new("contentful-token", "A token of Contentful.", Token, ["CFPAT-"], "CFPAT-[A-Za-z0-9_-]{43}", 3),
        new("typeform-token", "A token of Typeform.", Token, ["tfp_"], @"tfp_[A-Za-z0-9_.=-]{59}", 3),
        new("readme-key", "An API key of ReadMe.", Token, ["rdme_"], "rdme_[a-z0-9]{70}", 2),
        new("hubspot-token", "A token of HubSpot.", Token, ["pat-na", "pat-eu"], "pat-(?:na|eu)[0-9]-" + Uuid, 3),
        new("adobe-client-secret", "A client secret of Adobe.", Token, ["p8e-"], "p8e-[A-Za-z0-9]{32}", 2),
        new("postman-key", "An API key of Postman.", Token, ["PMAK-"], "PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}", 3),
        new("new-relic-key", "A key of New Relic.", Token, ["NRAK-", "NRII-", "NRJS-", "NRRA-"], "NRAK-[A-Za-z0-9]{27}|NRII-[A-Za-z0-9-]{32}|NRJS-[a-f0-9]{19}|NRRA-[a-f0-9]{42}", 2.5),
        new("grafana-token", "A token of Grafana.", Token, ["glc_", "glsa_", "eyJrIjoi"], "glc_[A-Za-z0-9+/]{32,}={0,3}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|eyJrIjoi[A-Za-z0-9]{70,}={0,3}", 3),
        new("sentry-token", "A token of Sentry.", Token, ["sntrys_", "sntryu_"], "sntryu_[a-f0-9]{64}|sntrys_eyJ[A-Za-z0-9+/=_-]{60,}", 3),
        new("posthog-key", "A personal key of PostHog.", Token, ["phx_"], "phx_[A-Za-z0-9]{40,50}", 3.5),
        new("honeycomb-key", "A key of Honeycomb.", Token, ["hcaik_", "hcbik_", "hcxik_", "hcxlk_"], "hc[abx][il]k_[a-z0-9]{58}", 3.5),
        new("render-key", "An API key of Render.", Token, ["rnd_"], "rnd_[A-Za-z0-9]{28,32}", 3.5),
        new("dynatrace-token", "A token of Dynatrace.", Token, ["dt0c01.", "dt0s01."], @"dt0[cs]01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}", 3),
        new("maxmind-key", "A licence key of MaxMind.", Token, ["_mmk"], "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", 3.5, Back: 36),
        new("mapbox-token", "A token of Mapbox.", Token, ["pk.", "sk.eyJ"], @"[ps]k\.[A-Za-z0-9_-]{60,120}\.[A-Za-z0-9_-]{22}", 3),
        new("dropbox-token", "A token of Dropbox.", Token, ["sl."], @"sl\.(?:u\.)?[A-Za-z0-9_=-]{130,}", 3.5),
        new("intra42-secret", "A secret of 42.", Token, ["s-s4t2"], "s-s4t2(?:ud|af)-[a-f0-9]{64}", 3),
        new("launchdarkly-key", "A key of LaunchDarkly.", Token, ["sdk-", "mob-", "api-"], "(?:sdk|mob|api)-" + Uuid, 3),
        new("facebook-token", "A token of Facebook.", Token, ["EAAM", "EAAC"], "EAA[MC][A-Za-z0-9]{100,}", 4),
    ];

    /// <summary>Secrets that only the name tells that they are assigned to.</summary>
    private static readonly SecretDetector[] AssignedOnes =
    [
        .. new (string Provider, string Name, int[] Lengths)[]
        {
            ("Adafruit", "adafruit", [32]), ("Airtable", "airtable", [17]), ("Algolia", "algolia", [32]), ("Alibaba Cloud", "alibaba", [30]), ("Amplitude", "amplitude", [32]), ("Asana", "asana", [32]),
            ("Atlassian", "atlassian", [24]), ("Atlassian", "jira", [24]), ("Atlassian", "confluence", [24]), ("Beamer", "beamer", [46, 44]), ("Bitbucket", "bitbucket", [64, 32]), ("Bittrex", "bittrex", [32]),
            ("Cloudflare", "cloudflare", [40, 37]), ("Codecov", "codecov", [32]), ("Cohere", "cohere", [40]), ("Cohere", "CO_API_KEY", [40]), ("Coinbase", "coinbase", [64]), ("Confluent", "confluent", [64, 16]),
            ("Contentful", "contentful", [43]), ("Datadog", "datadog", [40, 32]), ("Deepgram", "deepgram", [40]), ("Discord", "discord", [64, 32]), ("Drone", "droneci", [32]), ("Dropbox", "dropbox", [64, 15]),
            ("Etsy", "etsy", [24]), ("Fastly", "fastly", [32]), ("Finicity", "finicity", [32, 20]), ("Finnhub", "finnhub", [20]), ("Flickr", "flickr", [32]), ("FreshBooks", "freshbooks", [64]),
            ("Gitter", "gitter", [40]), ("Intercom", "intercom", [60]), ("JFrog", "jfrog", [73, 64]), ("JFrog", "artifactory", [73, 64]), ("KuCoin", "kucoin", [24]),
            ("LaunchDarkly", "launchdarkly", [40]), ("LinkedIn", "linkedin", [16, 14]), ("LinkedIn", "linked_in", [16, 14]), ("Looker", "looker", [24, 20]), ("Mattermost", "mattermost", [26]),
            ("MessageBird", "messagebird", [25]), ("MessageBird", "message_bird", [25]), ("Mixpanel", "mixpanel", [32]), ("Netlify", "netlify", [46, 45, 44, 43, 42, 41, 40]), ("New Relic", "new_relic", [64, 40]),
            ("New Relic", "newrelic", [64, 40]), ("New York Times", "nytimes", [32]), ("Plaid", "plaid", [30, 24]), ("Private AI", "private_ai", [32]), ("Private AI", "privateai", [32]), ("RapidAPI", "rapidapi", [50]),
            ("Sendbird", "sendbird", [40]), ("Rollbar", "rollbar", [32]), ("Shodan", "shodan", [32]), ("Trello", "trello", [64, 32]), ("Vercel", "vercel", [24]), ("AssemblyAI", "assemblyai", [32]), ("ngrok", "ngrok", [49, 48]), ("PagerDuty", "pagerduty", [32, 20]), ("Auth0", "auth0", [64]), ("Sumo Logic", "sumo_", [64]), ("Sumo Logic", "sumologic", [64]), ("Travis CI", "travis", [22]), ("Twitch", "twitch", [30]),
            ("X", "twitter", [50, 45, 35, 25]), ("Weights and Biases", "wandb", [40]), ("Zendesk", "zendesk", [40]),
        }.Select(one => Key(one.Provider, one.Name, string.Join('|', one.Lengths.Select(length => $"[A-Za-z0-9/+=_-]{{{length}}}")))),
        .. new[] { "Heroku", "HubSpot", "KuCoin", "LaunchDarkly", "MessageBird", "Postmark", "Sendbird", "Snyk", "Squarespace", "Cloudant", "Opsgenie" }.Select(provider => Key(provider, provider.ToLowerInvariant(), Uuid)),
        new("kraken-key", "A key of Kraken.", Assigned, ["kraken"], "[A-Za-z0-9/=_+-]{80,90}", 3),
        new("linear-secret", "A client secret of Linear.", Assigned, ["linear"], "[a-f0-9]{32}", 2.5),
        new("adobe-key", "A key of Adobe.", Assigned, ["adobe"], "[a-f0-9]{32}", 2.5),
        new("gocardless-key", "A token of GoCardless.", Assigned, ["gocardless"], "live_[A-Za-z0-9_=-]{40}", 2.5),
        new("mailgun-signing-key", "A signing key of Mailgun.", Assigned, ["mailgun"], "[a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8}", 2.5),
        new("twitter-token", "A token of X.", Assigned, ["twitter"], "[0-9]{15,25}-[A-Za-z0-9]{20,40}", 3),
        new("meraki-key", "An API key of Cisco Meraki.", Assigned, ["meraki"], "[a-f0-9]{40}", 2.5),
        new("sidekiq-key", "A key of Sidekiq.", Assigned, ["BUNDLE_ENTERPRISE__CONTRIBSYS__COM", "BUNDLE_GEMS__CONTRIBSYS__COM"], "[a-f0-9]{8}:[a-f0-9]{8}", 2),
        new("aws-secret-key", "A secret key of AWS.", Assigned, ["aws_secret", "aws-secret", "awssecret", "secret_access_key", "secretaccesskey"], "[A-Za-z0-9/+]{40}", 4),
        new("discord-bot-token", "A token of a Discord bot.", Assigned, ["discord", "bot_token"], @"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}", 3.5),
        new("sumo-logic-id", "An access id of Sumo Logic.", Assigned, ["sumo_", "sumologic"], "su[A-Za-z0-9]{12}", 3, IsMixed: true),
        new("twitter-bearer-token", "A token of X.", Assigned, ["twitter", "bearer"], "A{22}[A-Za-z0-9%]{80,100}", 3),
        new("okta-token", "A token of Okta.", Assigned, ["okta"], "00[A-Za-z0-9=_-]{40}", 4),
        new("facebook-secret", "A secret of Facebook.", Assigned, ["facebook", "fb_app", "fb_secret"], "[a-f0-9]{32}", 2.5),
        new("twilio-token", "A token of Twilio.", Assigned, ["twilio"], "[a-f0-9]{32}", 2.5),
        new("mistral-key", "An API key of Mistral.", Assigned, ["mistral"], "[A-Za-z0-9]{32}", 3.5),
        new("azure-key", "A key of an Azure service.", Assigned, ["azure", "ocp-apim-subscription-key"], "[a-f0-9]{32}|[A-Za-z0-9]{84}", 3.5),
    ];

    /// <summary>Every detector that is written as a pattern.</summary>
    public static IReadOnlyList<SecretDetector> All { get; } = [.. Tokens, .. AssignedOnes];

    private static SecretDetector Key(string provider, string name, string body) => new($"{provider.ToLowerInvariant().Replace(' ', '-')}-key", $"A key of {provider}.", Assigned, [name], body, 2.5);
}
