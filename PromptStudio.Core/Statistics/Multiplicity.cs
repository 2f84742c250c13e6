using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>How p-values of one family are adjusted.</summary>
public enum Adjustment
{
    /// <summary>Each times their number.</summary>
    Bonferroni,

    /// <summary>Step-down Bonferroni: as safe, and never weaker. Holm 1979.</summary>
    Holm,

    /// <summary>Step-up; for independent or positively dependent tests. Hochberg 1988.</summary>
    Hochberg,

    /// <summary>1 − (1 − p)ᵐ; for independent tests.</summary>
    Sidak,

    /// <summary>Share of false discoveries, not the chance of any. Benjamini, Hochberg 1995.</summary>
    BenjaminiHochberg,

    /// <summary>The same under any dependence. Benjamini, Yekutieli 2001.</summary>
    BenjaminiYekutieli,
}

/// <summary>Several comparisons at once.</summary>
public static class Multiplicity
{
    /// <summary>The adjusted p-values, in the order in which they came.</summary>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues, Adjustment adjustment)
    {
        var count = pValues.Count;
        if (pValues.Any(p => p is not (>= 0 and <= 1)))
            throw new ArgumentOutOfRangeException(nameof(pValues), "A p-value is from 0 to 1.");
        // Stable, so that ties keep their order and the answer is the same on every run.
        var order = Enumerable.Range(0, count).OrderBy(index => pValues[index]).ToArray();
        var harmonic = Enumerable.Range(1, count).Sum(k => 1.0 / k);
        var adjusted = new double[count];
        var (stepsDown, running) = (adjustment is Adjustment.Holm, adjustment is Adjustment.Holm ? 0.0 : 1.0);
        for (var step = 0; step < count; step++)
        {
            var rank = stepsDown ? step : count - 1 - step;
            var index = order[rank];
            var p = pValues[index];
            var raised = adjustment switch
            {
                Adjustment.Bonferroni => p * count,
                Adjustment.Sidak => -Exact.ExpMinusOne(count * Exact.LogOnePlus(-p)),
                Adjustment.Holm or Adjustment.Hochberg => p * (count - rank),
                Adjustment.BenjaminiHochberg => p * count / (rank + 1),
                _ => p * harmonic * count / (rank + 1),
            };
            running = adjustment switch
            {
                Adjustment.Bonferroni or Adjustment.Sidak => raised,
                Adjustment.Holm => Math.Max(running, raised),
                _ => Math.Min(running, raised),
            };
            adjusted[index] = Math.Min(1, running);
        }

        return adjusted;
    }

    /// <summary>Which of them are rejected. An adjusted p that is alpha itself is, whatever its last digit was rounded to.</summary>
    public static IReadOnlyList<bool> Rejects(IReadOnlyList<double> pValues, Adjustment adjustment, double alpha) =>
        [.. Adjust(pValues, adjustment).Select(p => p <= alpha * (1 + 1e-12))];

    /// <summary>The alpha at which Holm's procedure tests each value: intervals at 1 − that alpha agree with what it rejects.</summary>
    /// <remarks>A value that is rejected is tested at alpha / (what was left at its step); one that is not, at alpha / (what is left when it stops).</remarks>
    public static IReadOnlyList<double> HolmLevels(IReadOnlyList<double> pValues, double alpha)
    {
        var order = Enumerable.Range(0, pValues.Count).OrderBy(index => pValues[index]).ToArray();
        var levels = new double[pValues.Count];
        var left = pValues.Count;
        var stopped = false;
        foreach (var index in order)
        {
            levels[index] = alpha / left;
            stopped |= pValues[index] > levels[index] * (1 + 1e-12);
            if (!stopped)
                left--;
        }

        return levels;
    }
}
