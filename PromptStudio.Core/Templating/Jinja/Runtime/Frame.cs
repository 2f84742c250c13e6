using PromptStudio.Core.Templating.Jinja.Binding;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>The slots of one call of a function of a template.</summary>
internal sealed class Frame(FunctionScope function, Frame? outer, RenderContext context)
{
    public Value[] Slots { get; } = function.SlotCount == 0 ? [] : new Value[function.SlotCount];

    /// <summary>The frame of the function around, which this one reads.</summary>
    public Frame? Outer => outer;

    public RenderContext Context => context;

    public Run Run { get; } = context.Run;

    /// <summary>The template that this one extends, from the statement on that says so.</summary>
    public LoadedTemplate? Parent { get; set; }

    public bool HasParent
    {
        get
        {
            var frame = this;
            while (frame.Outer is not null)
            {
                frame = frame.Outer;
            }

            return frame.Parent is not null;
        }
    }

    /// <summary>The slots of the rendered template's variables, in their order, until the first of them is asked for.</summary>
    public int[]? Unread { get; set; }

    public Frame Inner(FunctionScope inner) => new(inner, this, context);

    /// <summary>The value of a slot of this frame; looks it up when that has not happened yet.</summary>
    public Value ReadSlot(int slot, string name)
    {
        ref var value = ref Slots[slot];
        if (value.IsSet)
        {
            return value;
        }

        if (Unread is { } places)
        {
            Unread = null;
            Run.Variables.Fill(Slots, places);
        }

        if (!value.IsSet)
        {
            value = context.Resolve(name);
        }

        return value;
    }

    public void Enter(EntryStep[] steps)
    {
        foreach (var step in steps)
        {
            switch (step.Action)
            {
                case EntryAction.Missing:
                    Slots[step.Slot] = Value.Missing;
                    break;
                case EntryAction.Copy:
                    var from = this;
                    for (var hops = step.Hops; hops > 0; hops--)
                    {
                        from = from.Outer!;
                    }

                    Slots[step.Slot] = from.ReadSlot(step.From, step.Name);
                    break;
                default:
                    Slots[step.Slot] = default;
                    break;
            }
        }
    }
}
