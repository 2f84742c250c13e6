namespace PromptStudio.Core.Templating.Scriban;

/// <summary>Contexts that wait for their next render, at most two a processor.</summary>
internal static class Spare
{
    private static readonly ScribanContext?[] Slots = new ScribanContext?[Math.Max(4, Environment.ProcessorCount * 2)];

    public static ScribanContext? Take()
    {
        for (var i = 0; i < Slots.Length; i++)
        {
            if (Slots[i] is not null && Interlocked.Exchange(ref Slots[i], null) is { } context)
            {
                return context;
            }
        }

        return null;
    }

    public static void Put(ScribanContext context)
    {
        for (var i = 0; i < Slots.Length; i++)
        {
            if (Slots[i] is null && Interlocked.CompareExchange(ref Slots[i], context, null) is null)
            {
                return;
            }
        }

        context.Dispose();
    }
}
