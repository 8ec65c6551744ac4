using System.IO.Compression;
using AiDc.Trainer.Serving.Errors;
using Grpc.Net.Compression;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>
/// gzip of messages, which may grow no larger than a message may be, and no larger than there is memory for: gRPC looks at the length before
/// it is inflated, and a few KiB can become GiB.
/// </summary>
/// <param name="limit">In bytes.</param>
internal sealed class BoundedGzip(int limit) : ICompressionProvider
{
    public string EncodingName => "gzip";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new Inflated(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true), limit, BudgetedReader.Current);

    private sealed class Inflated(GZipStream inner, int limit, BudgetedReader? call) : Stream
    {
        private long _length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                var read = inner.Read(buffer);
                _length += read;
                if (_length > limit) throw new ServingException(ServingError.TooLarge, $"the message inflates to more than the {limit >> 20} MiB that this server takes");
                if (read > 0) call?.TakeInflated(read);
                return read;
            }
            catch (InvalidDataException error)
            {
                throw InferenceService.Status(ServingException.Invalid("the message says that it is compressed with gzip, and is not", error));
            }
            catch (ServingException error)
            {
                throw InferenceService.Status(error);
            }
        }

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
