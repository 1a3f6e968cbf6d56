import { beforeEach, describe, expect, it, vi } from "vitest";
import { Player } from "../src/player/player";
import { song } from "./examples";

/** An audio element without sound that can be told what happens to it. */
class FakeAudio extends EventTarget {
  src = "";
  preload = "";
  currentTime = 0;
  duration = Number.NaN;
  play = vi.fn(async () => undefined);
  pause = vi.fn(() => this.dispatchEvent(new Event("pause")));
  removeAttribute = vi.fn();

  reach(second: number): void {
    this.currentTime = second;
    this.dispatchEvent(new Event("timeupdate"));
  }
}

describe("the player", () => {
  let audio: FakeAudio;
  let player: Player;
  const heard = () => [player.now.value?.song.song, audio.currentTime];

  beforeEach(() => {
    audio = new FakeAudio();
    player = new Player("http://host/", audio as unknown as HTMLAudioElement);
  });

  it("plays passages one after the other, each from its begin to its end", () => {
    player.play([
      { song: song(1), fromS: 10, untilS: 15 },
      { song: song(2), fromS: 40, untilS: 44 },
    ]);
    expect(heard()).toEqual([1, 10]);
    audio.reach(14.9);
    expect(heard()).toEqual([1, 14.9]);
    audio.reach(15.1);
    expect(heard()).toEqual([2, 40]);
    expect(audio.src).toBe("http://host/api/songs/2/audio");
    audio.reach(44);
    expect(player.now.value).toBeNull();
    audio.reach(45); // a late word of the element changes nothing
    expect(player.now.value).toBeNull();
  });

  it("plays a list to its end, and steps on when asked", () => {
    player.play([{ song: song(1) }, { song: song(2) }, { song: song(3) }]);
    audio.dispatchEvent(new Event("ended"));
    expect(player.now.value?.song.song).toBe(2);
    player.next();
    expect(player.now.value?.song.song).toBe(3);
    audio.dispatchEvent(new Event("ended"));
    expect(player.now.value).toBeNull();
  });

  it("forgets the list when another song is chosen", () => {
    player.play([{ song: song(1) }, { song: song(2) }]);
    player.toggle(song(9));
    expect([player.now.value?.song.song, player.queue.value]).toEqual([9, []]);
  });

  it("goes beyond a passage's end once the user moves within the song", () => {
    player.play([{ song: song(1), fromS: 10, untilS: 15 }, { song: song(2) }]);
    player.seek(30);
    audio.reach(31);
    expect(heard()).toEqual([1, 31]);
  });

  it("waits for a click when the browser wants one", async () => {
    audio.play.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
    player.play([{ song: song(1) }]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(player.now.value?.phase).toBe("paused");
    player.toggle(song(1));
    audio.dispatchEvent(new Event("playing"));
    expect(player.now.value?.phase).toBe("playing");
  });
});
