using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Templating;
using PromptStudio.Executions;
using PromptStudio.Rendering;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Telemetry;

/// <summary>To count a render costs no memory, whether somebody listens or not.</summary>
[Trait(Tier.Name, Tier.Unit)]
[Collection(nameof(AloneOnTheMachine))]
public sealed class MeasuringCostTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Counting_OfARender_AllocatesNothing(bool isHeard)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var (renders, writer) = (new RenderMeasures(meters, new TemplateCache()), new WriterMeasures(meters));
        var heard = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (isHeard && ReferenceEquals(instrument.Meter.Scope, meters))
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => heard += value);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => heard++);
        listener.Start();

        // The first turns prepare what is kept.
        Count(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(1_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(isHeard, heard > 0);

        void Count(int times)
        {
            for (var turn = 0; turn < times; turn++)
            {
                renders.LookedUp(isHit: true);
                renders.Count(RenderWay.Lane, "prompt", RenderOutcome.Success, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
                writer.Committed(WriterMeasures.Executions, 3, 0);
            }
        }
    }
}
