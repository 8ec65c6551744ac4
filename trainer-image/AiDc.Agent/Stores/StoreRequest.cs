using System.Buffers.Binary;
using System.Text;

namespace AiDc.Agent.Stores;

/// <summary>What a client of torch's TCPStore asks for. The number is that of torch 2's protocol.</summary>
internal enum StoreQuery : byte
{
    Validate = 0,
    Set = 1,
    CompareSet = 2,
    Get = 3,
    Add = 4,
    Check = 5,
    Wait = 6,
    NumberOfKeys = 7,
    Delete = 8,
    Append = 9,
    MultiGet = 10,
    MultiSet = 11,
    CancelWait = 12,
    Ping = 13,
    QueuePush = 14,
    QueuePop = 15,
    QueueLength = 16,
}

/// <summary>One request, read whole.</summary>
/// <param name="Keys">In the order of the request.</param>
/// <param name="Values">Of <see cref="StoreQuery.MultiSet"/> one each key; of <see cref="StoreQuery.CompareSet"/> the expected and the new one.</param>
/// <param name="Number">What <see cref="StoreQuery.Add"/> adds, or the number of <see cref="StoreQuery.Ping"/>.</param>
internal sealed record StoreRequest(StoreQuery Query, IReadOnlyList<string> Keys, IReadOnlyList<byte[]> Values, long Number = 0);

/// <summary>A client said something that is not the protocol, or more than it may.</summary>
internal sealed class StoreProtocolException(string message) : Exception(message);

/// <summary>
/// Reads requests from what a client of torch's TCPStore has sent so far. Pure. Two protocols are spoken: torch 2 begins with a number by
/// which it is known, and torch 1.13 has other numbers for the queries and begins with one at once.
/// </summary>
internal sealed class StoreParser
{
    public const int LongestKey = 8 * 1024;
    public const int LongestValue = 8 * 1024 * 1024;
    public const int MostKeys = 128 * 1024;
    public const uint Magic = 0x3C85F7CE;

    private const byte WatchKeyOfTorch1 = 7;

    private static readonly StoreQuery?[] Torch1 =
    [
        StoreQuery.Set, StoreQuery.CompareSet, StoreQuery.Get, StoreQuery.Add, StoreQuery.Check, StoreQuery.Wait, StoreQuery.NumberOfKeys, null,
        StoreQuery.Delete,
    ];

    private bool? isTorch2;

    /// <summary>The next request.</summary>
    /// <param name="consumed">Bytes that it took.</param>
    /// <returns>Null while it is not whole.</returns>
    /// <exception cref="StoreProtocolException">It is none.</exception>
    public StoreRequest? Read(ReadOnlySpan<byte> sent, out int consumed)
    {
        consumed = 0;
        if (sent.IsEmpty)
            return null;
        if (isTorch2 is null)
        {
            // A key of torch 1.13 whose length is the magic number would be a gigabyte.
            if (sent[0] == 0 && sent.Length < 5)
                return null;
            isTorch2 = sent[0] == 0 && BinaryPrimitives.ReadUInt32LittleEndian(sent[1..]) == Magic;
        }

        var reader = new Reader(sent[1..]);
        if (Parse(QueryOf(sent[0]), ref reader) is not { } request)
            return null;
        consumed = 1 + reader.Consumed;
        return request;
    }

    private StoreQuery QueryOf(byte number)
    {
        if (isTorch2 == true)
            return Enum.IsDefined((StoreQuery)number) ? (StoreQuery)number : throw new StoreProtocolException($"query {number} is not known");
        if (number == WatchKeyOfTorch1)
            throw new StoreProtocolException("watching a key is not served");
        return number < Torch1.Length ? Torch1[number]!.Value : throw new StoreProtocolException($"query {number} of torch 1 is not known");
    }

    private static StoreRequest? Parse(StoreQuery query, ref Reader reader)
    {
        switch (query)
        {
            case StoreQuery.Validate:
                return !reader.TryNumber(4, out var magic) ? null
                    : (uint)magic == Magic ? new(query, [], []) : throw new StoreProtocolException("the client does not speak the protocol of a TCPStore");
            case StoreQuery.Ping:
                return reader.TryNumber(4, out var nonce) ? new(query, [], [], nonce) : null;
            case StoreQuery.NumberOfKeys or StoreQuery.CancelWait:
                return new(query, [], []);
            case StoreQuery.Get or StoreQuery.Delete or StoreQuery.QueuePop or StoreQuery.QueueLength:
                return reader.TryKey(out var key) ? new(query, [key], []) : null;
            case StoreQuery.Set or StoreQuery.Append or StoreQuery.QueuePush:
                return reader.TryKey(out key) && reader.TryValue(out var value) ? new(query, [key], [value]) : null;
            case StoreQuery.CompareSet:
                return reader.TryKey(out key) && reader.TryValue(out var expected) && reader.TryValue(out value) ? new(query, [key], [expected, value]) : null;
            case StoreQuery.Add:
                return reader.TryKey(out key) && reader.TryNumber(8, out var amount) ? new(query, [key], [], amount) : null;
            default:
                return Many(query, ref reader);
        }
    }

    private static StoreRequest? Many(StoreQuery query, ref Reader reader)
    {
        if (!reader.TryNumber(8, out var count))
            return null;
        if ((ulong)count > MostKeys)
            throw new StoreProtocolException($"{(ulong)count} keys in a request; at most {MostKeys} are taken");
        var keys = new List<string>((int)Math.Min(count, 1024));
        var values = new List<byte[]>();
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryKey(out var key))
                return null;
            keys.Add(key);
            if (query != StoreQuery.MultiSet)
                continue;
            if (!reader.TryValue(out var value))
                return null;
            values.Add(value);
        }

        return new(query, keys, values);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public int Consumed { get; private set; }

        public bool TryNumber(int size, out long number)
        {
            number = 0;
            if (bytes.Length - Consumed < size)
                return false;
            var at = bytes.Slice(Consumed, size);
            number = size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadInt64LittleEndian(at);
            Consumed += size;
            return true;
        }

        public bool TryKey(out string key)
        {
            // Keys are bytes; each is kept as one character.
            var whole = TryBytes(LongestKey, "key", out var text);
            key = whole ? Encoding.Latin1.GetString(text) : "";
            return whole;
        }

        public bool TryValue(out byte[] value)
        {
            var whole = TryBytes(LongestValue, "value", out var found);
            value = whole ? found.ToArray() : [];
            return whole;
        }

        private bool TryBytes(int most, string what, out ReadOnlySpan<byte> found)
        {
            found = default;
            if (!TryNumber(8, out var length))
                return false;
            if ((ulong)length > (ulong)most)
                throw new StoreProtocolException($"a {what} of {(ulong)length} bytes; at most {most} are taken");
            if (bytes.Length - Consumed < length)
                return false;
            found = bytes.Slice(Consumed, (int)length);
            Consumed += (int)length;
            return true;
        }
    }
}
