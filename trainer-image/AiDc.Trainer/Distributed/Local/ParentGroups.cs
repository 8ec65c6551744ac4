using System.Text.Json;
using AiDc.Api;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Hosting;

namespace AiDc.Trainer.Distributed.Local;

/// <summary>The groups of a process that is not the first of its pod: the first one says which, over this process's standard input.</summary>
internal sealed class ParentGroups : IRankGroups
{
    private readonly object _gate = new();
    private readonly TextWriter _output;
    private readonly ICollectiveBackend _backend;
    private readonly StopSignal _stop;
    private readonly TimeProvider _time;
    private ToLocalProcess? _form;
    private ToLocalProcess? _start;
    private IPendingGroup? _connecting;
    private RankGroup? _group;
    private ICollectiveGroup? _collectives;
    private long _dropped;
    private bool _exit;

    public ParentGroups(TextReader input, TextWriter output, ICollectiveBackend backend, StopSignal stop, TimeProvider time)
    {
        (_output, _backend, _stop, _time) = (output, backend, stop, time);
        new Thread(() => Read(input)) { IsBackground = true, Name = "parent" }.Start();
    }

    public void Prepared() => Say(new(FromLocalProcess.Word.Prepared));

    public NextGroup Next(RunPosition position)
    {
        while (true)
        {
            ToLocalProcess form;
            lock (_gate)
            {
                while (!_exit && _form is null) Monitor.Wait(_gate);
                if (_exit) return new NextGroup.Leave(WritesCheckpoint: false);
                (form, _form) = (_form!, null);
            }

            var pending = _backend.Prepare(form.Rank, form.Size, GangSettings.CollectiveTimeout);
            Say(new(FromLocalProcess.Word.Ready, form.Generation, pending.Address));
            if (Connect(form, pending) is { } group) return new NextGroup.Train(group);
        }
    }

    public void Joined(RankGroup group, RunPosition position)
    {
    }

    public void Committed(RankGroup group, RunPosition position)
    {
    }

    public void Done(RankGroup group, RunPosition position)
    {
    }

    public void Lost(RankGroup group, RunPosition position, CollectiveException error)
    {
        ICollectiveGroup? lost;
        lock (_gate) (lost, _collectives, _group) = (_collectives, null, null);
        if (lost is not null) Background.Dispose(lost);
        if (error is not GroupAbortedException) Say(Broken(group.Generation, error));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_collectives is not null) Background.Dispose(_collectives);
        }
    }

    private RankGroup? Connect(ToLocalProcess form, IPendingGroup pending)
    {
        ToLocalProcess start;
        lock (_gate)
        {
            while (!IsOver(form) && _start?.Generation != form.Generation) Monitor.Wait(_gate);
            if (IsOver(form))
            {
                Background.Dispose(pending);
                return null;
            }

            (start, _connecting) = (_start!, pending);
        }

        try
        {
            var collectives = pending.Connect(start.Addresses!, GangSettings.ConnectTimeout);
            lock (_gate)
            {
                _collectives = collectives;
                _group = new RankGroup(form.Generation, start.Owner, collectives, _time, endsWithAny: false);
                if (IsOver(form)) _group.Abort();
                return _group;
            }
        }
        catch (CollectiveException error)
        {
            if (error is not GroupAbortedException) Say(Broken(form.Generation, error));
            return null;
        }
        finally
        {
            lock (_gate) _connecting = null;
            Background.Dispose(pending);
        }
    }

    private bool IsOver(ToLocalProcess form) => _exit || _form is not null || _dropped >= form.Generation;

    private static FromLocalProcess Broken(long generation, CollectiveException error) =>
        new(FromLocalProcess.Word.Broken, generation, ClosedRanks: error.ClosedRanks, Reason: error.Message);

    private void Say(FromLocalProcess message)
    {
        lock (_output)
        {
            _output.WriteLine(JsonSerializer.Serialize(message, Json.Line));
            _output.Flush();
        }
    }

    private void Read(TextReader input)
    {
        while (input.ReadLine() is { } line)
        {
            if (JsonSerializer.Deserialize<ToLocalProcess>(line, Json.Line) is { } order) Receive(order);
        }

        // Without the first process there is nobody to train for.
        lock (_gate)
        {
            _exit = true;
            Abort();
        }
    }

    private void Receive(ToLocalProcess order)
    {
        if (order.Kind == ToLocalProcess.Word.AskedToEnd) _stop.Request(ExitCodes.Terminated);
        lock (_gate)
        {
            switch (order.Kind)
            {
                case ToLocalProcess.Word.Form:
                    _form = order;
                    Abort();
                    break;
                case ToLocalProcess.Word.Start:
                    _start = order;
                    break;
                case ToLocalProcess.Word.Drop:
                    _dropped = Math.Max(_dropped, order.Generation);
                    Abort();
                    break;
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Abort()
    {
        _group?.Abort();
        _connecting?.Abort();
        Monitor.PulseAll(_gate);
    }
}
