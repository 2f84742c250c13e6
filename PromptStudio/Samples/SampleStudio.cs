using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Access.Keys;
using PromptStudio.Access.Users;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Samples;

/// <summary>
/// Fills a studio with a past of three months: people, keys, prompts with their versions, guardrails, experiments. Everything goes through the commands that people
/// use, so that the audit log tells it, and holds.
/// </summary>
internal sealed class SampleStudio(IServiceProvider services, SampleClock clock, Random random)
{
    /// <summary>Signs the people of the sample studio in.</summary>
    public const string Password = "correct horse battery";

    /// <summary>The first of them, a SuperAdmin.</summary>
    public const string Admin = "ada@example.com";

    private static readonly (string Email, string Role)[] People =
    [
        ("grace@example.com", Role.SuperAdmin), ("linus@example.com", Role.Editor), ("mary@example.com", Role.Editor), ("noor@example.com", Role.Editor),
        ("oscar@example.com", Role.Viewer), ("finance-review@example.com", Role.Viewer), ("temp.contractor.with.a.long.name@example.com", Role.Editor),
    ];

    private readonly DateTimeOffset _now = clock.Now;
    private readonly List<(DateTimeOffset At, Func<Task> Do)> _events = [];
    private readonly List<Actor> _authors = [];

    /// <summary>The versions of each prompt with the time since when they serve, the oldest first.</summary>
    public Dictionary<string, List<(DateTimeOffset Since, PromptTemplate Version)>> Served { get; } = new(StringComparer.Ordinal);

    /// <summary>The experiments, with the time in which they ran.</summary>
    public SampleExperiments Experiments { get; } = new(services, clock);

    /// <summary>The first person.</summary>
    public Actor First => _authors[0];

    /// <summary>The guardrails, each with the share of executions that it finds something in.</summary>
    public List<(GuardrailView Guardrail, double Share)> Guardrails { get; } = [];

    /// <summary>Makes everything but executions.</summary>
    /// <param name="prompts">Prompts, at most those of <see cref="SamplePrompts"/> and the two that are there.</param>
    /// <param name="versions">Versions of all of them together.</param>
    public async Task FillAsync(int prompts, int versions)
    {
        clock.Now = _now.AddDays(-95);
        await PeopleAsync();
        await KeysAsync();
        var known = await StandardAsync();
        var all = known.Concat(SamplePrompts.All).Take(prompts).ToList();
        for (var index = 0; index < all.Count; index++)
            Plan(all[index], Math.Max(1, ((index + 1) * versions / all.Count) - (index * versions / all.Count) + Wave(index)), isThere: index < known.Count);
        for (var index = 0; index < SampleGuardrails.All.Count; index++)
        {
            var (guardrail, share) = SampleGuardrails.All[index];
            _events.Add((_now.AddDays(-80 + (index * 3)), async () => Guardrails.Add((Made(await Get<GuardrailStore>().CreateAsync(_authors[0], guardrail, default)), share))));
        }
        foreach (var (at, act) in _events.OrderBy(one => one.At))
        {
            clock.Now = at;
            await act();
        }
        clock.Now = _now;
        await Experiments.FillAsync(Served, _authors[^1].Name);
    }

    /// <summary>Some prompts have many versions, most have few.</summary>
    private static int Wave(int index) => (index % 5) switch { 0 => 3, 1 => -2, 2 => 1, 3 => -1, _ => -1 };

    private T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    private static T Made<T>(Answer<T> answer)
        where T : class => answer.Value ?? throw new InvalidOperationException(answer.Problem!.Detail);

    private async Task PeopleAsync()
    {
        if (await Get<Bootstrap>().CreateFirstUserAsync(Admin, Password, Actor.System("the sample studio"), default) is { Count: > 0 } errors)
            throw new StartupException(string.Join(" ", errors));
        await using (var context = await Get<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync())
        {
            var first = await context.Users.AsNoTracking().OrderBy(user => user.CreatedAt).FirstAsync();
            _authors.Add(new Actor(ActorKind.User, first.Id.ToString(), first.Email!, PermissionRules.OfRole(Role.SuperAdmin)) { Address = "192.0.2.14" });
        }
        foreach (var (email, role) in People)
        {
            clock.Now = clock.Now.AddHours(5);
            var invited = Made(await Get<UserStore>().InviteAsync(_authors[0], new NewUser(email, role), default)).User;
            if (email.StartsWith("finance", StringComparison.Ordinal))
                continue;
            await using var scope = services.CreateAsyncScope();
            var users = scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>();
            var user = (await users.FindByEmailAsync(email))!;
            await users.AddPasswordAsync(user, Password);
            user.LastSignInAt = _now.AddHours(-random.Next(1, 400));
            await users.UpdateAsync(user);
            var joined = new Actor(ActorKind.User, user.Id.ToString(), email, PermissionRules.OfRole(role)) { Address = $"192.0.2.{random.Next(20, 90)}" };
            await Get<AuditLog>().AppendAsync(joined, new AuditEvent(AuditAction.UserJoined, "user", user.Id.ToString(), After: new { With = "link" }), default);
            if (role == Role.Editor)
                _authors.Add(joined);
            if (email.StartsWith("temp", StringComparison.Ordinal))
                Made(await Get<UserStore>().ChangeAsync(_authors[0], invited.Id, new UserChange(IsDisabled: true), default));
        }
    }

    private async Task KeysAsync()
    {
        (NewApiKey Key, bool Revoke)[] keys =
        [
            (new NewApiKey("Tutor app, production", [ApiScope.Render]), false),
            (new NewApiKey("Support desk", [ApiScope.Render], null, ["support"]), false),
            (new NewApiKey("Nightly export to Git", [ApiScope.Read, ApiScope.Write], null, null, _now.AddDays(41)), false),
            (new NewApiKey("Notebook of the data team", [ApiScope.Read], ["sentiment", "intent_detection", "lead_scoring"]), false),
            (new NewApiKey("Old staging", [ApiScope.Render, ApiScope.Read], null, null, _now.AddDays(-3)), false),
            (new NewApiKey("Laptop that was lost", [ApiScope.Render, ApiScope.Read, ApiScope.Write]), true),
        ];
        foreach (var (wanted, revoke) in keys)
        {
            clock.Now = clock.Now.AddHours(2);
            var made = Made(await Get<ApiKeyStore>().CreateAsync(_authors[0], wanted, default)).ApiKey;
            await using var context = await Get<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync();
            await context.ApiKeys.Where(key => key.Id == made.Id).ExecuteUpdateAsync(key => key.SetProperty(row => row.LastUsedAt, _now.AddMinutes(-random.Next(0, 4_000))));
            if (revoke)
                Made(await Get<ApiKeyStore>().RevokeAsync(_authors[0], made.Id, default));
        }
    }

    /// <summary>The prompts that every studio begins with.</summary>
    private async Task<List<SamplePrompt>> StandardAsync()
    {
        await using var context = await Get<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync();
        var there = await context.PromptTemplates.AsNoTracking().Where(version => version.IsActive).OrderBy(version => version.Id).ToListAsync();
        foreach (var version in there)
            Served[version.Name] = [(_now.AddDays(-95), version)];
        return [.. there.Select(version => new SamplePrompt(version.Name, version.Category ?? "", version.Description ?? "", version.TemplateText))];
    }

    private void Plan(SamplePrompt prompt, int versions, bool isThere)
    {
        var names = Core.Templating.TemplateEngines.Find("jinja2")!.Parse(prompt.Text, Core.Templating.TemplateOptions.Studio).FreeVariables;
        var begin = _now.AddDays(-90 + random.Next(0, 40)).AddMinutes(random.Next(0, 600));
        var step = (_now.AddDays(-1) - begin) / versions;
        var newest = Guid.Empty;
        var text = prompt.Text;
        for (var number = 1; number <= versions; number++)
        {
            var at = begin + (step * (number - 1)) + (step * random.NextDouble() * 0.6);
            var version = number;
            if (number > 1)
            {
                var (message, line) = SamplePrompts.Revisions[(number + prompt.Name.Length) % SamplePrompts.Revisions.Count];
                if (!text.Contains(line, StringComparison.Ordinal))
                    text += "\n" + line;
                var next = text;
                var author = _authors[random.Next(_authors.Count)];
                _events.Add((at, async () => newest = Made(await Get<VersionCommands>().CreateAsync(author, newest == Guid.Empty ? Served[prompt.Name][0].Version.Id : newest, new NewVersion { TemplateText = next, Message = message }, default)).Id));
            }
            else if (!isThere)
            {
                var author = _authors[random.Next(_authors.Count)];
                _events.Add((at, async () => newest = Made(await Get<PromptCommands>().CreateAsync(author, new NewPrompt
                {
                    Name = prompt.Name,
                    Category = prompt.Category,
                    Description = prompt.Description,
                    TemplateText = prompt.Text,
                    TemplateVariables = SampleValues.Contract(names),
                    Message = "First version",
                }, default)).Id));
            }
            // The newest version is often still a draft; some prompts have never served.
            var activates = !(number == 1 && isThere) && (number < versions || random.Next(3) > 0) && !prompt.Name.StartsWith("recipe", StringComparison.Ordinal);
            if (activates)
                _events.Add((at.AddMinutes(random.Next(5, 300)), () => ActivateAsync(prompt.Name, newest)));
            if (number == versions && number > 2 && random.Next(2) == 0)
                _events.Add((at.AddMinutes(301), async () => Made(await Get<LabelCommands>().MoveAsync(_authors[0], prompt.Name, version % 2 == 0 ? "staging" : "canary", version, default))));
        }
    }

    private async Task ActivateAsync(string name, Guid id)
    {
        Made(await Get<ActivationCommands>().ActivateAsync(_authors[random.Next(_authors.Count)], id, force: true, default));
        await using var context = await Get<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync();
        if (!Served.TryGetValue(name, out var served))
            Served[name] = served = [];
        served.Add((clock.Now, await context.PromptTemplates.AsNoTracking().SingleAsync(version => version.Id == id)));
    }
}
