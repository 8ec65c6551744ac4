namespace AiDc.Trainer.Serving.Rest;

/// <summary>How much a tensor of a request has to hold.</summary>
internal static class TensorSizes
{
    /// <summary>Values of a shape.</summary>
    /// <exception cref="ServingException">It is none: a size of 0, or more values than there can be.</exception>
    public static long Values(string name, ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size <= 0) throw ServingException.Invalid($"input '{name}': its shape has a dimension of {size}; each must be at least 1");
            if (size > int.MaxValue || (count *= size) > int.MaxValue)
                throw ServingException.Invalid($"input '{name}': its shape [{string.Join(", ", shape.ToArray())}] has more values than a request can hold");
        }

        return count;
    }
}
