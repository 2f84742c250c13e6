using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Experiments.Pages;

/// <summary>An experiment: the verdict, the evidence below it, and what can be done. New figures come by themselves.</summary>
public sealed partial class ExperimentPage
{
    private ExperimentMetrics? _metrics;
    private ExperimentReading? _reading;
    private Verdict _verdict = new("", "", "");
    private IReadOnlyList<HealthCheck> _checks = [];
    private ChartData? _effects;
    private ChartData? _certainty;
    private TextDiff? _diff;
    private Guid? _compared;
    private string? _missing;
    private string? _problem;
    private ExperimentMove? _asked;
    private bool _mayChange;
    private bool _mayAudit;
    private bool _mayForce;
    private bool _isMoving;
    private bool _isRecomputing;

    [Inject]
    public required ExperimentStore Store { get; init; }

    [Inject]
    public required ExperimentCommands Commands { get; init; }

    [Inject]
    public required WinnerCommand Winner { get; init; }

    [Inject]
    public required ExperimentRecompute Recompute { get; init; }

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required Toasts Toasts { get; init; }

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>By which method the figures are read; empty: the one that decides.</summary>
    [SupplyParameterFromQuery]
    public string? Method { get; set; }

    [CascadingParameter]
    public Look? Look { get; set; }

    private MetricWords Words => new(L);

    private string ShownMethod => _reading is { IsOther: true } ? Method! : _reading?.Settings.DecisionMethod ?? DecisionMethod.AlwaysValid;

    private string CertaintyTitle => _metrics?.Experiment.DecisionMethod switch
    {
        DecisionMethod.Bayesian => L["Chance to beat control over time"],
        DecisionMethod.FixedHorizon => L["p-value over time"],
        _ => L["Always-valid p over time"],
    };

    private string CertaintyHint => _metrics?.Experiment.DecisionMethod switch
    {
        DecisionMethod.Bayesian => L["The line at 50 % is a coin's toss."],
        DecisionMethod.FixedHorizon => L["It wanders: only the one at the planned sample counts. The line is the threshold."],
        _ => L["It never rises, so crossing the line once is enough. The line is the threshold."],
    };

    protected override async Task OnParametersSetAsync()
    {
        Follow(Id);
        var me = await Me.GetAsync();
        (_mayChange, _mayAudit) = (me.May(Permissions.Write), me.May(Permissions.Administer));
        await LoadAsync();
    }

    protected override async Task LoadAsync()
    {
        var answer = await Store.MetricsAsync(await Me.GetAsync(), Id, Left);
        _missing = answer.Problem?.Detail;
        if (answer.Value is { } metrics)
            Show(metrics);
    }

    private void Show(ExperimentMetrics metrics)
    {
        _metrics = metrics;
        _reading = ExperimentReading.Of(metrics.Snapshot, Method);
        _verdict = Verdict.Of(metrics.Experiment, _reading?.Decides, metrics.Decision, L);
        _checks = new HealthChecks(L).Of(_reading?.Decides, _reading?.Sums, metrics.Health);
        (_effects, _certainty) = (null, null);
        if (metrics.Series.Count < 2 || Metric.Find(metrics.Experiment.PrimaryMetric) is not { } metric)
            return;
        var series = new EffectSeries(L, Look?.Zone);
        _effects = series.Effects(metrics.Series, metric);
        var certainty = metrics.Experiment.DecisionMethod == DecisionMethod.Bayesian ? series.Chance(metrics.Series) : series.P(metrics.Series, metrics.Experiment.SignificanceThreshold);
        // An empty frame says less than a sentence.
        _certainty = certainty.Series.Any(one => one.Values.Any(value => value is not null)) ? certainty : null;
    }

    private string MethodAddress(string method) => Links.With(Links.AbTest(Id), ("method", method == _reading?.Settings.DecisionMethod ? null : method));

    private string MethodHint(ExperimentReading reading)
    {
        var hint = ShownMethod switch
        {
            DecisionMethod.FixedHorizon => NotBefore(reading),
            DecisionMethod.Bayesian => L["The chance that a variant is better, from a flat prior. Looking often makes false alarms more likely."],
            _ => L["These figures hold however often you look."].Value,
        };
        return reading.IsOther ? L["For reading only: the experiment is decided by {0}.", Words.Method(reading.Settings.DecisionMethod)] + " " + hint : hint;
    }

    private string NotBefore(ExperimentReading reading)
    {
        var smallest = reading.Sums.Groups.Min(group => group.Users);
        return smallest >= reading.Settings.MinimumSampleSize
            ? L["The planned sample is there: read it once, now."]
            : L["Not before each group has {0} users; the smallest has {1}.", Figures.Count(reading.Settings.MinimumSampleSize), Figures.Count(smallest)];
    }

    private string MarginText(GuardrailMetric guardrail)
    {
        if (Metric.Find(guardrail.Metric) is not { } metric)
            return "";
        return guardrail.Relative
            ? L["at most {0} % worse", (guardrail.Margin * 100).ToString("0.##", Languages.Current.Format)]
            : L["at most {0} worse", MetricWords.Shown(metric, guardrail.Margin).ToString("0.####", Languages.Current.Format) + Words.Of(metric)];
    }

    private static string HealthIcon(string state) => state switch
    {
        HealthCheck.Good => Icons.Material.Outlined.CheckCircle,
        HealthCheck.Bad => Icons.Material.Outlined.ErrorOutline,
        HealthCheck.Warning => Icons.Material.Outlined.WarningAmber,
        _ => Icons.Material.Outlined.HourglassEmpty,
    };

    private string HealthText(string state) => state switch
    {
        HealthCheck.Good => L["fine"],
        HealthCheck.Bad => L["wrong"],
        HealthCheck.Warning => L["to be watched"],
        _ => L["not known yet"],
    };

    private async Task CompareAsync(Guid variant)
    {
        _compared = _compared == variant ? null : variant;
        _diff = null;
        if (_compared is not null)
            _diff = (await Prompts.CompareAsync(await Me.GetAsync(), variant, _metrics!.Experiment.ControlTemplateId.ToString(), Left)).Value?.Text;
    }

    private void Ask(ExperimentMove move) => (_asked, _problem, _mayForce) = (move, null, false);

    private void Dismiss() => (_asked, _problem, _mayForce) = (null, null, false);

    private async Task MoveAsync(ExperimentMove move, bool force = false)
    {
        if (_isMoving)
            return;
        _isMoving = true;
        try
        {
            var me = await Me.GetAsync();
            var answer = await (move switch
            {
                ExperimentMove.Start => Commands.StartAsync(me, Id, force, Left),
                ExperimentMove.Pause => Commands.PauseAsync(me, Id, Left),
                ExperimentMove.Resume => Commands.ResumeAsync(me, Id, Left),
                _ => Commands.CompleteAsync(me, Id, Left),
            });
            await TakeAsync(answer, move switch
            {
                ExperimentMove.Start => L["It runs: who takes part gets one of its versions from now on."],
                ExperimentMove.Pause => L["It is paused: callers get the active version."],
                ExperimentMove.Resume => L["It runs again, each user in the same group as before."],
                _ => L["It is completed."],
            }, move == ExperimentMove.Pause ? ResumeAgainAsync : null);
            _mayForce = answer.Problem?.Code == "contract_mismatch" && move == ExperimentMove.Start;
        }
        finally
        {
            _isMoving = false;
        }
    }

    /// <summary>Takes a pause back; the toast that offers it outlives the page.</summary>
    private async Task ResumeAgainAsync()
    {
        var answer = await Commands.ResumeAsync(await Me.GetAsync(), Id, CancellationToken.None);
        if (Left.IsCancellationRequested)
            return;
        await TakeAsync(answer, L["It runs again, each user in the same group as before."]);
        await InvokeAsync(StateHasChanged);
    }

    private async Task AdjustAsync(ExperimentEdit edit) =>
        await TakeAsync(await Commands.ChangeAsync(await Me.GetAsync(), Id, _metrics!.Experiment.Revision, edit, Left), L["The traffic is changed."]);

    private async Task DeclareAsync(DeclareWinner wanted)
    {
        if (_isMoving)
            return;
        _isMoving = true;
        try
        {
            await TakeAsync(await Winner.RunAsync(await Me.GetAsync(), Id, wanted, Left), L["The winner is declared, and callers get its version."]);
        }
        finally
        {
            _isMoving = false;
        }
    }

    /// <summary>Whether it worked or not: the page shows how things stand now.</summary>
    private async Task TakeAsync(Answer<ExperimentView> answer, string done, Func<Task>? undo = null)
    {
        if (answer.Value is not null)
        {
            Dismiss();
            if (undo is null)
                Toasts.Done(done);
            else
                Toasts.Done(done, undo);
        }
        await LoadAsync();
        _problem = answer.Problem?.Detail;
    }

    private async Task RecomputeAsync()
    {
        if (_isRecomputing)
            return;
        _isRecomputing = true;
        try
        {
            await Recompute.RunAsync(Id, wait: true, Left);
            await LoadAsync();
        }
        finally
        {
            _isRecomputing = false;
        }
    }

    private string MoveTitle(ExperimentMove move, ExperimentView view) => move switch
    {
        ExperimentMove.Start => L["Start {0}?", view.Name],
        ExperimentMove.Pause => L["Pause {0}?", view.Name],
        _ => L["Resume {0}?", view.Name],
    };

    private string MoveText(ExperimentMove move, ExperimentView view) => move switch
    {
        ExperimentMove.Start => L["From now on {0} % of the users of {1} get one of its {2} versions. Versions, metrics and method are frozen then.", view.Coverage.ToString("0.##", Languages.Current.Format), view.PromptName, view.Groups.Count],
        ExperimentMove.Pause => L["Callers get the active version until it is resumed. What was counted stays."],
        _ => L["It goes on where it was paused: each user in the same group as before."],
    };

    private string MoveVerb(ExperimentMove move) => move switch
    {
        ExperimentMove.Start => L["Start experiment"],
        ExperimentMove.Pause => L["Pause experiment"],
        _ => L["Resume experiment"],
    };
}
