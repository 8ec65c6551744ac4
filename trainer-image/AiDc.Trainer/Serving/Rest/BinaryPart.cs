namespace AiDc.Trainer.Serving.Rest;

/// <summary>The tensors behind a request's JSON, one after the other.</summary>
internal sealed class BinaryPart(ReadOnlyMemory<byte> data)
{
    private ReadOnlyMemory<byte> _left = data;

    /// <exception cref="ServingException">There is not so much.</exception>
    public ReadOnlyMemory<byte> Take(string input, long size)
    {
        if (size < 0 || size > _left.Length)
            throw ServingException.Invalid($"input '{input}': binary_data_size is {size}, but {_left.Length} bytes of binary data are left; Inference-Header-Content-Length says where it begins");
        var taken = _left[..(int)size];
        _left = _left[(int)size..];
        return taken;
    }

    /// <exception cref="ServingException">Something is left over.</exception>
    public void ExpectEnd()
    {
        if (_left.Length > 0) throw ServingException.Invalid($"{_left.Length} bytes of binary data belong to no input");
    }
}
