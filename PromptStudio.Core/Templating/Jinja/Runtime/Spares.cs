namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Objects that one render after the other uses; a few are kept.</summary>
/// <param name="make">Makes one more.</param>
/// <param name="close">Makes one forget what it held.</param>
internal sealed class Spares<T>(Func<T> make, Action<T> close)
    where T : class
{
    private const int Most = 64;

    private readonly T[] _kept = new T[Most];
    private int _count;
    private int _used;

    /// <summary>An object for the rest of the render.</summary>
    public T Take()
    {
        if (_used < _count)
        {
            return _kept[_used++];
        }

        var one = make();
        if (_count < Most)
        {
            _kept[_count++] = one;
            _used++;
        }

        return one;
    }

    /// <summary>Takes all objects back.</summary>
    public void Return()
    {
        for (var i = 0; i < _used; i++)
        {
            close(_kept[i]);
        }

        _used = 0;
    }
}
